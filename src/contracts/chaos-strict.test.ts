import { describe, expect, test } from "vitest";
import { type Json, JsonNumber } from "../base/json.ts";
import { judgeGate } from "./judge.ts";
import { findGate } from "./registry.ts";
import type { Verdict } from "./types.ts";

function judge(name: string, evidence: Json): Verdict {
  const gate = findGate(`apr-qa-chaos-v1/${name}`);
  if (gate === undefined) throw new Error(`no gate ${name}`);
  return judgeGate(gate, evidence, "live");
}

/** `"pass"`, or the verdict with its reason. */
function short({ verdict, reason }: Verdict): Json {
  return reason === null ? verdict : { [verdict]: reason };
}

const failed = (code: string, fields: object = {}): Json => ({ fail: { code, ...fields } });
const unsure = (code: string, fields: object = {}): Json => ({ inconclusive: { code, ...fields } });

test.each<[Json, Json]>([
  [{ fired: true }, "pass"],
  [{ fired: true, proof: "ENOSPC in the log" }, "pass"],
  [{ fired: false }, unsure("not-fired")],
  [{}, unsure("missing-evidence", { field: "fired" })],
  [{ fired: 1 }, unsure("malformed-evidence", { field: "fired" })],
  [[], unsure("malformed-evidence")],
])("APR-CHAOS-FIRED %j", (evidence, expected) => {
  expect(short(judge("APR-CHAOS-FIRED", evidence))).toEqual(expected);
});

test.each<[Json, Json]>([
  [{ exit_code: 1 }, "pass"],
  [{ exit_code: 0, output_equal: true }, "pass"],
  [{ exit_code: 0, output_equal: false }, failed("silent-loss")],
  [{ exit_code: 0, output_equal: null, check_passed: true }, "pass"],
  [{ exit_code: 0, output_equal: false, check_passed: true }, "pass"],
  [{ exit_code: 0, output_equal: null, check_passed: false }, failed("silent-loss")],
  [{ exit_code: 0 }, unsure("no-baseline")],
  [{ exit_code: 0, output_equal: null, check_passed: null }, unsure("no-baseline")],
  [{ exit_code: 0, output_equal: "yes" }, unsure("malformed-evidence", { field: "output_equal" })],
])("APR-CHAOS-NO-SILENT-LOSS %j", (evidence, expected) => {
  expect(short(judge("APR-CHAOS-NO-SILENT-LOSS", evidence))).toEqual(expected);
});

describe("APR-CHAOS-OUTPUT-INTACT", () => {
  const absent = { kind: "absent" };
  const file = { kind: "file", sha256: "aa", size_bytes: 2, inode: 7, mode: 0o644 };
  test.each<[string, Record<string, Json>, Json]>([
    ["absent before and after", { before: absent, after: absent }, "pass"],
    ["unchanged", { before: file, after: file }, "pass"],
    ["a folder unchanged", { before: { kind: "folder" }, after: { kind: "folder" } }, "pass"],
    ["left half done", { before: absent, after: file }, failed("partial-output", { size_bytes: 2 })],
    ["left, size unknown", { before: absent, after: { kind: "other" } }, failed("partial-output")],
    ["other bytes", { before: file, after: { ...file, sha256: "bb" } }, failed("clobbered")],
    ["another inode", { before: file, after: { ...file, inode: 8 } }, failed("clobbered")],
    ["another mode", { before: file, after: { ...file, mode: 0o600 } }, failed("clobbered")],
    ["gone", { before: file, after: absent }, failed("clobbered")],
    ["now a folder", { before: file, after: { kind: "folder" } }, failed("clobbered")],
    [
      "bytes unknown",
      { before: { kind: "file", inode: 7 }, after: { kind: "file", inode: 7 } },
      unsure("missing-evidence", { field: "before.sha256" }),
    ],
    ["a run that succeeded", { exit_code: 0, before: file, after: { ...file, sha256: "bb" } }, "pass"],
    [
      "a run that succeeded where it had to keep",
      { exit_code: 0, must_keep: true, before: file, after: { ...file, sha256: "bb" } },
      failed("clobbered"),
    ],
    ["nothing to keep", { exit_code: 0, must_keep: true, before: absent, after: file }, "pass"],
    [
      "killed",
      { exit_code: 137, killed: true, before: absent, after: file },
      unsure("judged-after-recovery"),
    ],
    ["no kind", { before: {}, after: absent }, unsure("missing-evidence", { field: "before.kind" })],
  ])("%s", (_name, evidence, expected) => {
    expect(short(judge("APR-CHAOS-OUTPUT-INTACT", { exit_code: 1, ...evidence }))).toEqual(expected);
  });

  test("it says what changed", () => {
    const after = { ...file, sha256: "bb", inode: 8n };
    const verdict = judge("APR-CHAOS-OUTPUT-INTACT", { exit_code: 1, before: file, after });
    expect(verdict.yields).toEqual({ changed: ["sha256", "inode"] });
  });
});

describe("APR-CHAOS-MESSAGE", () => {
  const v8 = "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory";
  const rust = "memory allocation of 8589934592 bytes failed";
  const cpp = "terminate called after throwing an instance of 'std::bad_alloc'";
  test.each<[string, Record<string, Json>, Json]>([
    ["nothing injected", { injected: false, exit_code: 137, signal: 9 }, "pass"],
    ["the error was absorbed", { exit_code: 0 }, "pass"],
    ["the loader failed", { exit_code: 127, stderr: "cannot open shared object" }, unsure("loader-error")],
    ["silence", { stderr: "" }, failed("no-message")],
    ["an empty line", { stderr: "\n" }, failed("no-message")],
    ["any word for a disk fault", { fault: "disk", stderr: "no" }, "pass"],
    ["a word about memory", { stderr: "cannot allocate memory" }, "pass"],
    ["MemoryError", { stderr: "MemoryError" }, "pass"],
    ["bad_alloc", { stderr: "std::bad_alloc" }, "pass"],
    ["OOM as a word", { stderr: "error: OOM-kill" }, "pass"],
    ["no room", { stderr: "no room" }, failed("no-message", { wants: "memory" })],
    ["oom between letters of any script", { stderr: "éoom" }, failed("no-message", { wants: "memory" })],
    ["another word", { stderr: "failed" }, failed("no-message", { wants: "memory" })],
    ["a segmentation fault", { exit_code: 139, stderr: "out of memory" }, failed("crash", { signal: 11 })],
    ["a bus error", { exit_code: 135, stderr: v8 }, failed("crash", { signal: 7 })],
    [
      "SIGSEGV with a runtime's message",
      { exit_code: 139, signal: 11, stderr: v8 },
      failed("crash", { signal: 11 }),
    ],
    ["killed", { exit_code: 137, stderr: "memory" }, failed("crash", { signal: 9 })],
    [
      "a signal of another kind",
      { exit_code: 143, signal: 15, stderr: "memory" },
      failed("crash", { signal: 15 }),
    ],
    ["exit code 143 of its own", { exit_code: 143, stderr: "out of memory" }, "pass"],
    ["an abort without a message", { exit_code: 134, stderr: "Aborted" }, failed("crash", { signal: 6 })],
    ["V8 aborts", { exit_code: 134, stderr: v8 }, "pass"],
    ["V8 traps", { exit_code: 133, stderr: "# Fatal process out of memory: Zone" }, "pass"],
    ["Rust aborts", { exit_code: 134, signal: 6, stderr: rust }, "pass"],
    ["C++ aborts", { exit_code: 134, signal: null, stderr: cpp }, "pass"],
  ])("%s", (_name, evidence, expected) => {
    const all = { injected: true, fault: "memory", exit_code: 1, stderr: "", ...evidence };
    expect(short(judge("APR-CHAOS-MESSAGE", all))).toEqual(expected);
  });

  test("a runtime's abort is noted", () => {
    const evidence = { injected: true, fault: "memory", exit_code: 134, stderr: rust };
    expect(judge("APR-CHAOS-MESSAGE", evidence).yields).toEqual({ note: { code: "runtime-abort" } });
  });
});

test.each<[Record<string, Json>, Json]>([
  [{}, "pass"],
  [{ timed_out: true, orphans: ["sleep"], leftovers: ["a"] }, failed("hang")],
  [{ orphans: [41, 42], leftovers: ["a"] }, failed("orphan", { got: 2 })],
  [{ leftovers: ["a", "b"] }, failed("leftover", { paths: ["a", "b"] })],
  [
    { leftovers: Array.from({ length: 30 }, (_, index) => `${index}`) },
    failed("leftover", { paths: Array.from({ length: 20 }, (_, index) => `${index}`) }),
  ],
  [{ orphans: 1 }, unsure("malformed-evidence", { field: "orphans" })],
  [{ leftovers: [1] }, unsure("malformed-evidence", { field: "leftovers" })],
])("APR-CHAOS-CLEAN %j", (evidence, expected) => {
  const all = { timed_out: false, orphans: [], leftovers: [], ...evidence };
  expect(short(judge("APR-CHAOS-CLEAN", all))).toEqual(expected);
});

test.each<[Json, Json]>([
  [null, unsure("not-run")],
  [{ exit_code: 0, output_equal: true, check_passed: null }, "pass"],
  [{ exit_code: 0, output_equal: null, check_passed: true }, "pass"],
  [{ exit_code: 0, output_equal: null, check_passed: null }, unsure("no-baseline")],
  [{ exit_code: 0, output_equal: false, check_passed: null }, failed("no-recovery", { exit_code: 0 })],
  [{ exit_code: 2, output_equal: null, check_passed: null }, failed("no-recovery", { exit_code: 2 })],
  [{ exit_code: 0, output_equal: true, state_left: [] }, "pass"],
  [{ exit_code: 0, output_equal: true, state_left: ["a.part"] }, failed("leftover", { paths: ["a.part"] })],
  [{ exit_code: 0, output_equal: null, state_left: ["a.part"] }, failed("leftover", { paths: ["a.part"] })],
  [{ exit_code: 0, output_equal: null, state_left: [] }, unsure("no-baseline")],
  [{ exit_code: 2, state_left: ["a.part"] }, failed("no-recovery", { exit_code: 2 })],
  [{ output_equal: true }, unsure("missing-evidence", { field: "recovery.exit_code" })],
  ["yes", unsure("malformed-evidence", { field: "recovery" })],
])("APR-CHAOS-RECOVERS %j", (recovery, expected) => {
  expect(short(judge("APR-CHAOS-RECOVERS", { recovery }))).toEqual(expected);
});

test.each<[boolean, number, boolean, Json]>([
  [false, 1, false, "pass"],
  [true, 0, true, "pass"],
  [true, 1, true, failed("force-refused")],
  [true, 0, false, failed("force-refused")],
])("APR-CHAOS-FORCE forced %s, exit %i, replaced %s", (forced, exitCode, replaced, expected) => {
  const evidence = { force_flag: forced, exit_code: exitCode, replaced };
  expect(short(judge("APR-CHAOS-FORCE", evidence))).toEqual(expected);
});

test.each<[number, Json]>([
  [536_870_914, "pass"],
  [536_870_915, failed("over-budget", { budget_bytes: 536_870_915 })],
])("APR-CHAOS-TREE-BUDGET %i bytes", (peak, expected) => {
  const evidence = { peak_tree_bytes: peak, model_size_bytes: 1 };
  expect(short(judge("APR-CHAOS-TREE-BUDGET", evidence))).toEqual(expected);
});

test.each<Json>([-1, 1.5, new JsonNumber("1.0"), 2n ** 64n])(
  "where a seed rule reads %s as 0, a strict gate refuses it",
  (peak) => {
    const evidence = { peak_tree_bytes: peak, model_size_bytes: 1 };
    const expected = unsure("malformed-evidence", { field: "peak_tree_bytes" });
    expect(short(judge("APR-CHAOS-TREE-BUDGET", evidence))).toEqual(expected);
    const seed = judge("F-CHAOS-001", { peak_rss_bytes: peak, model_size_bytes: 1 });
    expect(seed.verdict).toBe("pass");
  },
);
