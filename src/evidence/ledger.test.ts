import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson, stringifyJson } from "../base/json.ts";
import type { Severity } from "../contracts/weights.ts";
import { evidenceLedger } from "./ledger.ts";
import { type LedgerResult, ledgerEntry } from "./ledger-entry.ts";

function resultOf(passed: boolean, ...severities: Severity[]): LedgerResult {
  const violations = severities.map((severity) => ({ severity }));
  return {
    ...{ oracle_name: "pull", passed, violations },
    stats: { entities_tracked: violations.length, events_recorded: 5 },
  };
}

test.each<[LedgerResult, number, string, string]>([
  [resultOf(true), -1, "against", "none"],
  [resultOf(false), 0.5, "positive", "none"],
  [resultOf(false, "low"), 0.6, "positive", "low"],
  [resultOf(false, "medium"), 1, "positive", "medium"],
  [resultOf(false, "high", "low", "medium"), 1.6, "strong", "high"],
  [resultOf(false, "low", "critical"), 2.4, "very_strong", "critical"],
])("weights, case %#", (result, log10Bf, strength, worst) => {
  const { evidence, ...rest } = ledgerEntry(result, "transfer.atp-trace", 3);
  expect(rest).toEqual({ oracle_name: "pull", artifact_path: "transfer.atp-trace", timestamp: 3 });
  const { bayes_factor, log_likelihoods, evidence_lines, ...about } = evidence;
  expect(about).toEqual({ invariant: "pull", passed: result.passed });
  expect(bayes_factor).toEqual({ log10_bf: log10Bf, hypothesis: "pull is violated", strength });
  expect(log_likelihoods).toEqual({ structural: log10Bf / 2, detection: log10Bf / 2, total: log10Bf });
  expect(evidence_lines).toHaveLength(1);
  const [line] = evidence_lines;
  expect(line?.equation).toContain("assigned");
  expect(line?.equation).toContain("not measured");
  expect(line?.substitution).toContain(`log10 BF = ${log10Bf};`);
  expect(line?.substitution).toContain(`gravest: ${worst}`);
  expect(line?.intuition).toContain("pull");
});

test("entries are in order, paths do not repeat, maps are sorted", () => {
  const ledger = evidenceLedger({
    results: [
      { result: resultOf(true), artifactPath: null },
      { result: resultOf(false, "high"), artifactPath: "b", timestamp: "2026-01-01T00:00:00Z" },
      { result: resultOf(true), artifactPath: "a" },
    ],
    seeds: { "\u{10000}": 1, "\uffff": 2n ** 64n - 1n, a: 0 },
    artifactPaths: ["b", "a", "b"],
    metadata: { z: "1", __proto__: "gone", y: "$(x)\n" },
  });
  expect(ledger.schema_version).toBe(1);
  expect(ledger.entries.map(({ timestamp }) => timestamp)).toEqual([0, "2026-01-01T00:00:00Z", 2]);
  expect(ledger.artifact_paths).toEqual(["b", "a"]);
  expect(Object.keys(ledger.seeds)).toEqual(["a", "\uffff", "\u{10000}"]);
  expect(Object.keys(ledger.metadata)).toEqual(["y", "z"]);
  expect(parseJson(stringifyJson({ ...ledger.seeds }))).toEqual({ ...ledger.seeds });
});

test("every name survives as a key", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (metadata) => {
      const { metadata: kept } = evidenceLedger({ results: [], metadata });
      expect(Object.fromEntries(Object.entries(kept))).toEqual(Object.fromEntries(Object.entries(metadata)));
    }),
  );
});

test.each([-1, 1.5, 2 ** 64, 2n ** 64n, Number.NaN])("%s is no seed", (seed) => {
  expect(() => evidenceLedger({ results: [], seeds: { x: seed } })).toThrow(RangeError);
});
