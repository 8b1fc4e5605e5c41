import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SweepReport } from "../src/contracts/sweep-report.ts";
import { type ErrorDocument, markedProcesses, pathWithout, until } from "./support/chaos.ts";
import { apr, startApr } from "./support/cli.ts";
import { findProgram, needs } from "./support/needs.ts";
import { findingIds, SweepStage } from "./support/sweep.ts";

const LIMIT_MS = 110_000;
const KEY = "00112233445566778899aabbccddeeff";

describe("what a sweep finds unaided", { timeout: LIMIT_MS }, () => {
  it("openssl enc loses data after one failed write and exits 0", async (context) => {
    needs(context, "strace", "unshare", "openssl");
    const stage = new SweepStage(8192);
    const cipher = ["-aes-256-cbc", "-a", "-K", KEY + KEY, "-iv", KEY];
    const command = ["openssl", "enc", ...cipher, "-in", "{model}", "-out", "{out}"];
    const report = await stage.sweep(["--model", stage.model, "--faults", "ENOSPC"], command);
    const loss = report.findings.find(({ id }) => id === "silent loss: write output");
    expect(loss).toMatchObject({ severity: "critical", single: true, repeats: { tried: 3, same: 3 } });
    expect(loss?.first.exit_code).toBe(0);
    expect(loss?.first.point).toMatch(/^ENOSPC:write:\d+$/);
    expect(loss?.first.proof).toContain("ENOSPC (No space left on device) (INJECTED)");
    if (loss !== undefined) {
      const pasted = await stage.paste(loss);
      expect(pasted).toMatchObject({ exitCode: 0, fired: true });
    }
  });

  it("zstd leaves a partial file on SIGTERM, and crashes with four file descriptors", async (context) => {
    needs(context, "strace", "unshare", "zstd");
    const stage = new SweepStage(20_000);
    const flags = ["--model", stage.model, "--faults", "SIGTERM,fd-limit"];
    const report = await stage.sweep(flags, ["zstd", "-q", "{model}", "-o", "{out}"]);
    const ids = findingIds(report);
    expect(ids).toContain("partial output: SIGTERM");
    const crash = report.findings.find(({ id }) => id === "crash: fd-limit");
    expect(crash?.members.map(({ point }) => point)).toContain("fd-limit:4");
    expect(crash?.first).toMatchObject({ exit_code: 139 });
  });

  it.for([["openssl", "dgst", "{model}"] as const, ["sqlite3", ":memory:", "select 1;"] as const])(
    "%s exits 0 with stdout on a full device",
    async (command, context) => {
      needs(context, command[0]);
      const stage = new SweepStage(1000);
      const report = await stage.sweep(["--model", stage.model, "--faults", "stdout-full"], command);
      expect(findingIds(report)).toEqual(["silent loss: stdout-full"]);
    },
  );
});

describe("hosts that allow less", { timeout: LIMIT_MS }, () => {
  const GZIP = ["--output", "{model}.gz", "--json"];

  it.for([
    ["without strace", () => pathWithout(["strace"]), "no-strace", "apt-get install strace"],
    [
      "where ptrace is forbidden",
      () => pathWithout([], { strace: "exit 1" }),
      "ptrace-forbidden",
      "SYS_PTRACE",
    ],
  ] as const)(
    "%s it is inconclusive, with the remedy, and other faults still run",
    async ([, path, code, remedy], context) => {
      needs(context, "gzip", "unshare");
      const stage = new SweepStage(20_000);
      const args = [
        "qa",
        "sweep",
        "--model",
        stage.model,
        ...GZIP,
        "--",
        findProgram("gzip") ?? "",
        "-nk",
        "{model}",
      ];
      const result = await apr(args, { env: { PATH: path(), TMPDIR: stage.temp } });
      const report = result.json() as SweepReport;
      expect(result.code, result.stderr).toBe(6);
      expect(report).toMatchObject({ verdict: "inconclusive", blind: { code }, findings: [] });
      expect(report.blind?.["remedy"]).toContain(remedy);
      expect(report.further.find(({ name }) => name === "size-limit")).toMatchObject({
        verdict: "pass",
        tried: 3,
      });
    },
  );

  it("a command that fails cleanly is inconclusive, and nothing else is run", async () => {
    const stage = new SweepStage(10);
    const report = await stage.sweep([], ["false"]);
    expect(report).toMatchObject({ verdict: "inconclusive", exit_code: 6, counts: { total: 0 } });
  });
});

describe("parts of a sweep", { timeout: LIMIT_MS }, () => {
  const CP = ["cp", "{model}", "{out}"];

  it("shards that are merged are the whole", async (context) => {
    needs(context, "strace", "unshare");
    const stage = new SweepStage(20_000);
    const flags = ["--model", stage.model, "--faults", "ENOSPC,SIGTERM", "--repeat", "1"];
    const whole = await stage.sweep(flags, CP);
    const files: string[] = [];
    for (const shard of ["1/2", "2/2"]) {
      const report = await stage.sweep([...flags, "--shard", shard], CP);
      expect(report.counts.total).toBe(whole.counts.total);
      files.push(join(stage.folder, `shard-${shard[0]}.json`));
      writeFileSync(files.at(-1) ?? "", JSON.stringify(report));
    }
    const merged = (await apr(["qa", "merge", "--json", ...files])).json() as SweepReport;
    expect(merged.counts).toEqual(whole.counts);
    expect(findingIds(merged)).toEqual(findingIds(whole));
    const missing = await apr(["qa", "merge", "--json", ...files.slice(1)]);
    expect(missing.code).toBe(2);
    expect((missing.json() as ErrorDocument).error.message).toContain("missing: 1");
  });

  it("what a budget leaves out is counted", async (context) => {
    needs(context, "strace", "unshare");
    const stage = new SweepStage(20_000);
    const report = await stage.sweep(["--model", stage.model, "--budget", "1ms"], CP);
    expect(report.counts.not_tried).toBeGreaterThan(80);
  });

  it("a sample is the same for the same seed", async (context) => {
    needs(context, "strace", "unshare");
    const stage = new SweepStage(20_000);
    const sampled = async (seed: string): Promise<string[]> => {
      const flags = ["--model", stage.model, "--sample", "12", "--seed", seed, "--repeat", "1"];
      const { findings } = await stage.sweep(flags, CP);
      return findings.flatMap(({ members }) => members.map(({ point }) => point)).sort();
    };
    expect(await sampled("7")).toEqual(await sampled("7"));
  });
});

describe("reports", { timeout: LIMIT_MS }, () => {
  it("are written in every format, and packs verify", async (context) => {
    needs(context, "strace", "unshare", "xmllint");
    const stage = new SweepStage(20_000);
    const file = (name: string): string => join(stage.folder, name);
    const formats = ["--junit", file("j.xml"), "--sarif", file("s.sarif"), "--markdown", file("m.md")];
    const flags = ["--model", stage.model, "--faults", "SIGTERM", ...formats, "--crashpack", file("packs")];
    const report = await stage.sweep(flags, ["cp", "{model}", "{out}"]);
    execFileSync("xmllint", ["--noout", "--schema", "test/support/junit.xsd", file("j.xml")], {
      stdio: "pipe",
    });
    const sarif = JSON.parse(readFileSync(file("s.sarif"), "utf8")) as Sarif;
    expect(sarif).toMatchObject({ version: "2.1.0", runs: [{ tool: { driver: { name: "apr" } } }] });
    expect(sarif.runs[0]?.results).toHaveLength(1);
    expect(sarif.runs[0]?.results[0]?.ruleId).toBe("apr-sweep/partial-output");
    expect(sarif.runs[0]?.tool.driver.rules.map(({ id }) => id)).toContain("apr-sweep/partial-output");
    expect(readFileSync(file("m.md"), "utf8")).toContain("| **partial output** |");
    const pack = report.packs["partial output: SIGTERM"] ?? "";
    expect((await apr(["crashpack", "verify", pack])).code).toBe(0);
    expect(readdirSync(pack)).toContain("reproduce.sh");
  });

  it("say the finding first on a terminal's page", async (context) => {
    needs(context, "strace", "unshare");
    const stage = new SweepStage(20_000);
    const args = [
      "qa",
      "sweep",
      "--model",
      stage.model,
      "--faults",
      "SIGTERM",
      "--",
      "cp",
      "{model}",
      "{out}",
    ];
    const { stdout, code } = await apr(args, { env: { TMPDIR: stage.temp } });
    expect(code).toBe(5);
    expect(stdout).toContain("partial output   SIGTERM on ");
    expect(stdout).toContain("again strace -f -o");
    expect(stdout.trimEnd().endsWith("exit 5")).toBe(true);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
  });
});

describe("bad words and Ctrl-C", { timeout: LIMIT_MS }, () => {
  it.for([
    [["--faults", "ENOFUN", "--", "true"], "no such fault: ENOFUN"],
    [["--shard", "3/2", "--", "true"], "not a shard"],
    [["--", "cp", "{model}", "{out}"], "no model was given"],
    [[], "no command to break"],
  ] as const)("%j is refused: %s", async ([args, message]) => {
    const result = await apr(["qa", "sweep", "--json", ...args]);
    expect(result.code).toBe(2);
    expect(result.stdout + result.stderr).toContain(message);
  });

  it("Ctrl-C ends it and leaves nothing behind", async (context) => {
    needs(context, "strace", "unshare");
    const stage = new SweepStage(200_000);
    const temp = mkdtempSync(join(stage.folder, "t-"));
    const args = [
      "qa",
      "sweep",
      "--model",
      stage.model,
      "--json",
      "--",
      "dd",
      "if={model}",
      "of={out}",
      "bs=512",
    ];
    const running = startApr(args, { env: { TMPDIR: temp } });
    await until("a sweep at work", () => markedProcesses(temp).length > 1, 20_000);
    running.child.kill("SIGINT");
    const result = await running.result;
    expect(result.code).toBe(130);
    expect((result.json() as ErrorDocument).error.message).toBe("stopped by SIGINT; nothing was left behind");
    expect(readdirSync(temp)).toEqual([]);
    expect(markedProcesses(temp)).toEqual([]);
  });
});

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly { readonly ruleId: string }[];
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  }[];
}
