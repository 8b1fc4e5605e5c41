// Real programs of the distribution, each with the verdict that was written down beforehand.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { judgeGate } from "../src/contracts/judge.ts";
import { findGate } from "../src/contracts/registry.ts";
import type { ChaosReport, FaultReport } from "../src/contracts/chaos-report.ts";
import { nodeWorld } from "../src/world/node/world.ts";
import { contentState } from "../src/observe/content.ts";
import { apr } from "./support/cli.ts";
import { needs, type Program } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const MODEL_BYTES = 1_500_000;

let folder: string;
beforeEach(() => {
  folder = tempDir();
  writeFileSync(join(folder, "model.bin"), pseudoRandom(MODEL_BYTES));
});

/** Bytes that no compressor makes smaller: an output then always reaches the disk limit. */
function pseudoRandom(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 0x2545f491;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}

async function chaos(
  fault: string,
  flags: readonly string[],
  command: readonly string[],
): Promise<FaultReport> {
  const result = await apr(["qa", "chaos", "--json", "--faults", fault, ...flags, "--", ...command]);
  const report = result.json() as ChaosReport;
  expect(report.baseline.exit_code, report.baseline.stderr).toBe(0);
  expect(result.code).toBe(report.exit_code);
  const [found] = report.faults;
  if (found === undefined) throw new Error("no fault in the report");
  return found;
}

function reasons(fault: FaultReport): string[] {
  return fault.strict.reasons.map(({ code }) => code);
}

const model = (): string[] => ["--model", join(folder, "model.bin")];

interface Subject {
  readonly program: Program;
  readonly flags?: readonly string[];
  readonly command: readonly string[];
}

const gzip: Subject = {
  program: "gzip",
  flags: ["--output", "{model}.gz"],
  command: ["gzip", "-nk", "{model}"],
};
const xz: Subject = {
  program: "xz",
  flags: ["--output", "{model}.xz"],
  command: ["xz", "-k", "-0", "{model}"],
};
const zstd: Subject = { program: "zstd", command: ["zstd", "-q", "{model}", "-o", "{out}"] };
const cp: Subject = { program: "cp", command: ["cp", "{model}", "{out}"] };

describe("disk full, strict", () => {
  const passing: readonly Subject[] = [
    { program: "7zz", command: ["7zz", "a", "-bd", "{out}.7z", "{model}"] },
    gzip,
    xz,
  ];
  it.for(passing)("$program handles it well", async (subject, context) => {
    needs(context, subject.program);
    const fault = await withSubject("005", subject);
    expect(fault).toMatchObject({
      fired: true,
      contract: { verdict: "pass" },
      strict: { verdict: "pass", reasons: [] },
    });
  });

  it("git clone handles it well", async (context) => {
    needs(context, "git");
    const repository = join(folder, "repository");
    makeRepository(repository);
    const flags = ["--model", repository, "--check", "git -C {out} fsck --strict"];
    const fault = await chaos("005", flags, ["git", "clone", "-q", "{model}", "{out}"]);
    expect(fault).toMatchObject({ fired: true, contract: { verdict: "pass" }, strict: { verdict: "pass" } });
  });

  const failing: readonly Subject[] = [
    zstd,
    cp,
    { program: "tar", command: ["tar", "-cf", "{out}", "{model}"] },
    { program: "openssl", command: ["openssl", "rand", "-out", "{out}", "1500000"] },
  ];
  it.for(failing)("$program leaves a partial output", async (subject, context) => {
    needs(context, subject.program);
    const fault = await withSubject("005", subject);
    expect(fault).toMatchObject({ fired: true, strict: { verdict: "fail" } });
    expect(reasons(fault)).toContain("partial-output");
  });
});

describe("overwrite", () => {
  const refusing: readonly Subject[] = [
    gzip,
    xz,
    { program: "bzip2", flags: ["--output", "{model}.bz2"], command: ["bzip2", "-k", "{model}"] },
    zstd,
    {
      program: "ffmpeg",
      command: ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=duration=1", "{out}.wav"],
    },
  ];
  it.for(refusing)("$program refuses", async (subject, context) => {
    needs(context, subject.program);
    const fault = await withSubject("004", subject);
    expect(fault).toMatchObject({ fired: true, contract: { verdict: "pass" }, strict: { verdict: "pass" } });
    expect(fault.evidence["exit_code"]).not.toBe(0);
  });

  const overwriting: readonly Subject[] = [
    cp,
    { program: "curl", command: ["curl", "-s", "-o", "{out}", "file://{model}"] },
    { program: "sort", command: ["sort", "-o", "{out}", "{model}"] },
  ];
  it.for(overwriting)("$program does not ask", async (subject, context) => {
    needs(context, subject.program);
    const fault = await withSubject("004", subject);
    expect(fault.contract).toMatchObject({ verdict: "fail", reason: { code: "silent-overwrite" } });
    expect(fault.strict.verdict).toBe("fail");
    expect(reasons(fault)).toEqual(["clobbered"]);
  });

  it("cp -n exits 0 and keeps the file: contract fail, strict pass", async () => {
    const fault = await chaos("004", model(), ["cp", "-n", "{model}", "{out}"]);
    expect(fault.contract).toMatchObject({ verdict: "fail", reason: { code: "silent-overwrite" } });
    expect(fault.strict).toEqual({ verdict: "pass", reasons: [] });
  });

  it("replaces with the force flag, and says so when the flag is refused", async (context) => {
    needs(context, "gzip", "zstd");
    const forced = await chaos("004", [...model(), ...(gzip.flags ?? []), "--force-flag=-f"], gzip.command);
    expect(forced).toMatchObject({ contract: { verdict: "pass" }, strict: { verdict: "pass" } });
    const gates = forced.gates.map(({ gate, verdict }) => `${gate} ${verdict}`);
    expect(gates).toContain("apr-qa-chaos-v1/APR-CHAOS-FORCE pass");
    const refused = await chaos("004", [...model(), "--force-flag=-q"], zstd.command);
    expect(reasons(refused)).toEqual(["force-refused"]);
  });

  it("git archive of an unknown ref truncates the file: contract pass, strict fail, as captured evidence", async (context) => {
    needs(context, "git");
    const repository = join(folder, "archive");
    makeRepository(repository);
    const output = join(folder, "archive.tar");
    writeFileSync(output, "precious");
    const before = { ...(await contentState(nodeWorld, output)) };
    const exit_code = exitCodeOf("git", ["-C", repository, "archive", "nosuchref", "-o", output]);
    const after = { ...(await contentState(nodeWorld, output)) };
    expect(exit_code).toBe(128);
    expect(statSync(output).size).toBe(0);
    const evidence = {
      "F-CHAOS-004": { output_file_existed: true, force_flag: false, exit_code },
      "APR-CHAOS-OUTPUT-INTACT": { exit_code, before, after },
    };
    expect(captured("F-CHAOS-004", evidence["F-CHAOS-004"])).toMatchObject({
      verdict: "pass",
      judged: "captured",
    });
    const strict = captured("APR-CHAOS-OUTPUT-INTACT", evidence["APR-CHAOS-OUTPUT-INTACT"]);
    expect(strict).toMatchObject({ verdict: "fail", reason: { code: "clobbered" } });
  });
});

function captured(gate: string, evidence: Parameters<typeof judgeGate>[1]): ReturnType<typeof judgeGate> {
  const found = findGate(gate);
  if (found === undefined) throw new Error(`no gate ${gate}`);
  return judgeGate(found, evidence, "captured");
}

function exitCodeOf(program: string, args: readonly string[]): number {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return 0;
  } catch (error) {
    return (error as { status: number }).status;
  }
}

function makeRepository(path: string): void {
  mkdirSync(path);
  const git = (...args: string[]): void => {
    execFileSync("git", ["-C", path, ...args], { stdio: "ignore" });
  };
  git("init", "-q");
  writeFileSync(join(path, "weights"), readFileSync(join(folder, "model.bin")).subarray(0, 400_000));
  git("add", ".");
  git("-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-q", "-m", "weights");
}

function withSubject(fault: string, { flags = [], command }: Subject): Promise<FaultReport> {
  const usesModel = [...command, ...flags].some((word) => word.includes("{model}"));
  return chaos(fault, [...(usesModel ? model() : []), ...flags], command);
}
