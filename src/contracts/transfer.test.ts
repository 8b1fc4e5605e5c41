import { describe, expect, test } from "vitest";
import { type Json, type JsonObject, parseJson } from "../base/json.ts";
import { judgeGate } from "./judge.ts";
import { findGate } from "./registry.ts";
import { highSeverityViolations, runTransferOracle } from "./transfer-oracle.ts";
import { CLEAN_TRANSFER_STATE } from "./transfer-state.ts";
import type { Verdict } from "./types.ts";
import { assignedLog10Bf, strengthOf } from "./weights.ts";

function judge(name: string, evidence: Json): Verdict {
  const gate = findGate(`atp-transfer/${name}`);
  if (gate === undefined) throw new Error(`no gate ${name}`);
  return judgeGate(gate, evidence, "captured");
}

const clean: JsonObject = { ...CLEAN_TRANSFER_STATE };

describe("oracle", () => {
  test("the default state is clean", () => {
    const result = runTransferOracle("t", {}, CLEAN_TRANSFER_STATE);
    expect(result).toMatchObject({ passed: true, stats: { events_recorded: 5, entities_tracked: 0 } });
  });

  test("exactly the high violations are high", () => {
    const state = { ...CLEAN_TRANSFER_STATE, journal_gaps: 2, pending_operations: 1 };
    const result = runTransferOracle("t", {}, state);
    expect(result.violations.map(({ severity }) => severity)).toEqual(["high", "medium"]);
    expect(highSeverityViolations(result).map(({ violation_type: type }) => type)).toEqual([
      "journal_consistency",
    ]);
  });

  test("counts are exact up to 2^64-1, and what is no count reads as 0", () => {
    const state = (gaps: string): Json => ({ ...clean, journal_gaps: parseJson(gaps) });
    const most = judge("oracle", { name: "t", state: state("18446744073709551615") });
    expect(most.yields?.["result"]).toMatchObject({
      violations: [{ evidence: { gap_count: "18446744073709551615" } }],
    });
    for (const gaps of ["-1", "0.5", "1.0", "18446744073709551616"]) {
      expect(judge("oracle", { name: "t", state: state(gaps) }).verdict).toBe("pass");
    }
  });

  test("a state without a field is inconclusive", () => {
    const state = Object.fromEntries(Object.entries(clean).filter(([key]) => key !== "journal_gaps"));
    expect(judge("oracle", { name: "t", checks: {}, state }).reason).toEqual({
      code: "missing-evidence",
      field: "state.journal_gaps",
    });
    expect(judge("oracle", { name: "t", checks: { journal: 0 }, state: clean }).reason).toEqual({
      code: "malformed-evidence",
      field: "checks.journal",
    });
  });
});

test.each<[boolean, Parameters<typeof assignedLog10Bf>[1], number]>([
  [true, [], -1],
  [false, [], 0.5],
  [false, ["low"], 0.6],
  [false, ["low", "medium"], 1],
  [false, ["high", "low"], 1.6],
  [false, ["critical", "high"], 2.4],
])("assigned weight of passed %s, %j: %d", (passed, severities, log10Bf) => {
  expect(assignedLog10Bf(passed, severities)).toBe(log10Bf);
});

test.each<[number, string]>([
  [-1, "against"],
  [-0.0001, "against"],
  [0, "negligible"],
  [0.4999, "negligible"],
  [0.5, "positive"],
  [1.2999, "positive"],
  [1.3, "strong"],
  [2.1999, "strong"],
  [2.2, "very_strong"],
  [Number.POSITIVE_INFINITY, "very_strong"],
  [Number.NEGATIVE_INFINITY, "against"],
  [Number.NaN, "negligible"],
])("a log10 Bayes factor of %d is %s", (log10Bf, strength) => {
  expect(strengthOf(log10Bf)).toBe(strength);
});

const hashes = { manifest_hash: "a", expected_manifest_hash: "a" };
const off = {
  manifest: false,
  journal: false,
  quiescence: false,
  obligation: false,
  path_consistency: false,
};
const sides = { recorded_trace_sha256: "a", replayed_trace_sha256: "a" };
const closing = { exposed_unverified: [], undrained_workers: 0 };
const digest = { path: "m", recorded: "a", recomputed: "a" };

test.each<[string, Json, Json]>([
  ["VACUOUS", { checks: {}, state: hashes }, null],
  ["VACUOUS", { state: hashes }, null],
  ["VACUOUS", { checks: { ...off, journal: true }, state: hashes }, null],
  ["VACUOUS", { checks: off, state: hashes }, { code: "no-check-on" }],
  ["VACUOUS", { state: { ...hashes, manifest_hash: "" } }, { code: "empty-hash", field: "manifest_hash" }],
  [
    "VACUOUS",
    { state: { ...hashes, expected_manifest_hash: "" } },
    { code: "empty-hash", field: "expected_manifest_hash" },
  ],
  ["PACK", { files_checked: 10, disagreements: [] }, null],
  ["PACK", { files_checked: 0, disagreements: [] }, { code: "nothing-checked" }],
  [
    "PACK",
    { files_checked: 10, disagreements: [{ file: "journal", other: "manifest" }, { file: "pathlog" }] },
    { code: "files-disagree", files: ["journal", "manifest"], got: 2 },
  ],
  [
    "PACK",
    { files_checked: 10, disagreements: [{ file: "pathlog" }] },
    { code: "files-disagree", files: ["pathlog"], got: 1 },
  ],
  ["ROUNDTRIP", { written: { a: [2n ** 64n, "$(x)\n"] }, read: { a: [2n ** 64n, "$(x)\n"] } }, null],
  ["ROUNDTRIP", { written: { a: [1, 2] }, read: { a: [1] } }, { code: "value-changed", path: "$.a[1]" }],
  ["ROUNDTRIP", { written: { "a b": 1 }, read: {} }, { code: "value-changed", path: '$["a b"]' }],
  [
    "ROUNDTRIP",
    { written: parseJson("[1.0]"), read: parseJson("[1]") },
    { code: "value-changed", path: "$[0]" },
  ],
  ["RECOMPUTED", { state: clean, recomputed: clean }, null],
  [
    "RECOMPUTED",
    { state: clean, recomputed: { ...clean, journal_gaps: 1 } },
    { code: "state-differs", path: "$.journal_gaps" },
  ],
  ["REPLAYED", { re_executed: true, ...sides }, null],
  ["REPLAYED", { re_executed: false, ...sides }, { code: "not-executed" }],
  [
    "REPLAYED",
    { re_executed: true, recorded_trace_sha256: "", replayed_trace_sha256: "" },
    { code: "not-executed" },
  ],
  [
    "REPLAYED",
    { re_executed: true, ...sides, replayed_trace_sha256: "b", first_difference: 7 },
    { code: "trace-differs", first_difference: 7 },
  ],
  ["REPLAYED", { re_executed: true, ...sides, replayed_trace_sha256: "b" }, { code: "trace-differs" }],
  ["CLOSING", { ...closing, digests: [digest] }, null],
  [
    "CLOSING",
    { ...closing, exposed_unverified: ["m"], digests: [] },
    { code: "final_exposure", paths: ["m"] },
  ],
  ["CLOSING", { ...closing, undrained_workers: 2 }, { code: "cancellation_drain", got: 2 }],
  [
    "CLOSING",
    { ...closing, digests: [digest, { ...digest, path: "n", recomputed: "b" }] },
    { code: "proof_validity", path: "n" },
  ],
  [
    "CLOSING",
    { ...closing, digests: [{ ...digest, recorded: "", recomputed: "" }] },
    { code: "proof_validity", path: "m" },
  ],
  ["CLOSING", { ...closing, digests: [] }, { code: "no-digests" }],
  ["CLOSING", closing, { code: "missing-evidence", field: "digests" }],
  ["CLOSING", { ...closing, checks: { proof_validity: false } }, null],
  [
    "CLOSING",
    { checks: { final_exposure: false, cancellation_drain: false, proof_validity: false } },
    { code: "no-check-on" },
  ],
])("APR-ATP-%s, case %#", (name, evidence, reason) => {
  expect(judge(`APR-ATP-${name}`, evidence).reason).toEqual(reason);
});
