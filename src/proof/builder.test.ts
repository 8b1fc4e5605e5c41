import { expect, test } from "vitest";
import type { Captured } from "../world/processes.ts";
import { AgentTaskProofBundleBuilder } from "./builder.ts";
import type { CommandRun } from "./task.ts";
import { AgentProofError } from "./errors.ts";
import { KEPT_CHARS } from "./limits.ts";
import { proofTexts } from "./texts.ts";
import type { ReplaySafetyLevel } from "./types.ts";

const text = (value: string): Captured => ({
  text: value,
  totalBytes: Buffer.byteLength(value),
  droppedBytes: 0,
});

function command(changes: Partial<CommandRun> = {}): CommandRun {
  return {
    argv: ["make", "test"],
    cwd: "/src",
    exitCode: 0,
    signal: null,
    durationMs: 12.4,
    stdout: text("fine\n"),
    stderr: text(""),
    ...changes,
  };
}

const builder = (...runs: readonly CommandRun[]): AgentTaskProofBundleBuilder => {
  const made = new AgentTaskProofBundleBuilder();
  for (const run of runs) made.withCommand(run);
  return made;
};

test("the same calls give the same bytes, with keys in a fixed order", () => {
  const make = (): string =>
    [...proofTexts(builder(command(), command({ exitCode: 2, stderr: text("bad\n") })).build())].join("\n");
  expect(make()).toBe(make());
  const bundle = builder(command()).withObjective("fix it").build();
  expect(Object.keys(bundle)).toEqual([
    ...["schema_version", "objective", "commands", "commit_before", "commit_after", "changed_files"],
    ...["changed_files_complete", "file_reservations", "remote_executions", "validation_frontier"],
    ...["first_blocker", "replay"],
  ]);
  expect(bundle.replay).toMatchObject({ safety: "approval-required", runs: false });
  expect(bundle.commands[0]).toMatchObject({ duration_ms: 12, redacted: false });
});

test("the first command that failed is the blocker, with its last lines", () => {
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n");
  const failed = command({ exitCode: 143, signal: "SIGTERM", stdout: text("out"), stderr: text(lines) });
  const bundle = builder(command(), failed, command({ exitCode: 1 }))
    .withNotValidated("the docs")
    .build();
  expect(bundle.first_blocker).toMatchObject({ command_index: 1, exit_code: 143, signal: "SIGTERM" });
  expect(bundle.first_blocker?.last_lines).toEqual(lines.split("\n").slice(-20));
  expect(bundle.validation_frontier).toEqual({ passed: 1, first_failure: 1, not_validated: ["the docs"] });
  const texts = proofTexts(bundle);
  expect(texts.get("blocker_report.txt")).toContain(
    "Command 1 failed: exit 143 (SIGTERM)\ncd /src && make test\n",
  );
  expect(texts.get("commands.txt")?.split("\n")).toHaveLength(4);
  expect(JSON.parse(texts.get("evidence_ledger.json") ?? "")).toMatchObject({
    entries: [{ timestamp: 0, evidence: { passed: true } }, { evidence: { passed: false } }, {}],
  });
  expect(proofTexts(builder(command()).build()).has("blocker_report.txt")).toBe(false);
});

test("a long output keeps its two ends", () => {
  const long = `first\n${"x\n".repeat(80_000)}last\n`;
  const [record] = builder(command({ stdout: text(long) })).build().commands;
  expect(record?.stdout).toMatchObject({ total_bytes: long.length, cut: true });
  expect(record?.stdout.text).toMatch(/^first\n[x\n]+\n\[…\]\n[x\n]+last\n$/);
  expect(record?.stdout.text.length).toBeLessThan(2 * KEPT_CHARS + 10);
});

test("colours and cursor moves are taken out of an output, so that none hides a secret", () => {
  const [record] = builder(
    command({
      stdout: text(
        `\u001b[31mghp_${"a1".repeat(5)}\u001b[1m${"b2".repeat(13)}\u001b[0m \u001b]0;title\u0007x`,
      ),
    }),
  ).build().commands;
  expect(record?.stdout.text).toBe("[redacted:github-token] x");
});

test("a command that held a secret is never run by the replay script", () => {
  const bundle = builder(command({ argv: ["x", "--token=abc"] }))
    .withSafety("safe")
    .build();
  expect(bundle.replay).toEqual({ safety: "safe", runs: false, reason: "a secret was taken out of it" });
  expect(builder(command()).withSafety("safe").build().replay.runs).toBe(true);
});

test.each<[string, AgentTaskProofBundleBuilder]>([
  ["no-command", builder()],
  ["bad-command", builder(command({ argv: [] }))],
  ["bad-command", builder(command({ argv: [""] }))],
  ["bad-text", builder(command({ argv: ["a\0b"] }))],
  ["bad-command", builder(command({ cwd: "here" }))],
  ["bad-number", builder(command({ exitCode: 256 }))],
  ["bad-number", builder(command({ exitCode: Number.NaN }))],
  ["bad-number", builder(command({ durationMs: -1 }))],
  ["bad-text", builder(command({ signal: "x" }))],
  ["too-large", builder(command({ argv: ["x".repeat(200_000)] }))],
  ["too-large", builder(command({ argv: Array.from({ length: 30 }, () => "x".repeat(100_000)) }))],
  ["too-large", builder(...Array.from({ length: 1001 }, () => command()))],
  ["bad-text", builder(command()).withObjective("\0")],
  ["bad-safety", builder(command()).withSafety("sure" as ReplaySafetyLevel)],
  [
    "bad-commit",
    builder(command()).withCommits(
      { commit: "HEAD; rm", branch: null, dirty: false, dirty_files: [], complete: true },
      null,
    ),
  ],
  [
    "too-large",
    builder(command()).withChangedFiles(Array.from({ length: 1001 }, () => ({ path: "a", status: "M" }))),
  ],
])("%s is told by build", (code, made) => {
  expect(() => made.build()).toThrow(AgentProofError);
  expect(() => made.build()).toThrow(expect.objectContaining({ code }));
});
