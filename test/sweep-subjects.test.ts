// Real programs under a whole sweep. What each of them must show was written down beforehand, with the reason;
// the sweep reports exactly that, and every line that it prints shows the same when it is pasted.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { needs, type Program } from "./support/needs.ts";
import { findingIds, SweepStage } from "./support/sweep.ts";

const MODEL_BYTES = 20_000;
const LIMIT_MS = 110_000;

interface Subject {
  readonly program: Program;
  readonly flags?: readonly string[];
  readonly command: readonly string[];
  readonly expected: readonly string[];
}

const SUBJECTS: readonly Subject[] = [
  {
    program: "cp",
    command: ["cp", "{model}", "{out}"],
    expected: [
      // cp never removes what it began: neither after an error nor when it is stopped.
      "partial output: SIGINT",
      "partial output: SIGTERM",
      "partial output: copy_file_range output",
      "partial output: size-limit",
      // Its exit code counts every close, stdout's at the end too; the whole copy stays.
      "partial output: close model",
      "partial output: close output",
      "partial output: close stdout",
    ],
  },
  {
    program: "gzip",
    flags: ["--output", "{model}.gz"],
    command: ["gzip", "-nk", "{model}"],
    // It removes its output on every error and signal; after a SIGKILL it refuses to write over what is left.
    expected: ["no recovery: SIGKILL"],
  },
  {
    program: "xz",
    flags: ["--output", "{model}.xz"],
    command: ["xz", "-k", "-0", "{model}"],
    expected: [
      // A signal that comes when the file is whole: the file stays, and the exit code says that it failed.
      "partial output: SIGINT",
      "partial output: SIGTERM",
      // Its last act is to close stdout, to which it wrote nothing.
      "partial output: close stdout",
      "no recovery: SIGKILL",
    ],
  },
  {
    program: "7zz",
    command: ["7zz", "a", "-bd", "-mmt1", "{out}.7z", "{model}"],
    expected: [
      // Nothing that it writes to stdout is looked after.
      "silent loss: stdout-full",
      "silent loss: write stdout",
      // A file that cannot be read makes a warning, exit 1 and an archive without it.
      "partial output: openat model",
      // The archive is finished before the last words; a signal then comes too late to remove it.
      "partial output: SIGINT",
      "partial output: SIGTERM",
      "partial output: stdout-closed",
      // What a SIGKILL leaves is no archive, and it will not add to it.
      "no recovery: SIGKILL",
    ],
  },
];

describe("a whole sweep", { timeout: LIMIT_MS }, () => {
  it.for(SUBJECTS)("of $program finds what is known, and nothing else", async (subject, context) => {
    needs(context, "strace", "unshare", subject.program);
    const stage = new SweepStage(MODEL_BYTES);
    const report = await stage.sweep(["--model", stage.model, ...(subject.flags ?? [])], subject.command);
    expect(findingIds(report)).toEqual([...subject.expected].sort());
    for (const finding of report.findings) {
      expect(finding.repeats, finding.id).toEqual({ tried: 3, same: 3 });
      expect(finding.members.every(({ proof }) => proof !== "")).toBe(true);
      const pasted = await stage.paste(finding);
      expect(pasted.exitCode, `${finding.line}\n${pasted.output}`).toBe(finding.first.exit_code);
      expect(pasted.fired, pasted.output).toBe(finding.line.includes("inject="));
      if (finding.class === "partial output") expect(pasted.output).toMatch(/^-.* (?:out|model)\S*$/m);
    }
  });

  it("of a small program that handles everything finds nothing", async (context) => {
    needs(context, "strace", "unshare", "gcc");
    const stage = new SweepStage(MODEL_BYTES);
    const program = join(stage.folder, "careful");
    const source = fileURLToPath(new URL("support/careful.c", import.meta.url));
    execFileSync("gcc", ["-O1", "-o", program, source]);
    const report = await stage.sweep(["--model", stage.model], [program, "{model}", "{out}"]);
    expect(report).toMatchObject({
      verdict: "pass",
      findings: [],
      counts: { inconclusive: 0, not_tried: 0 },
    });
    expect(report.counts.passed).toBeGreaterThan(60);
  });
});
