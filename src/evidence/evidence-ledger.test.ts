import { expect, test } from "vitest";
import { EvidenceLedger } from "./evidence-ledger.ts";
import { evidenceLedger } from "./ledger.ts";
import type { LedgerResult } from "./ledger-entry.ts";

function resultOf(
  name: string,
  ...severities: LedgerResult["violations"][number]["severity"][]
): LedgerResult {
  return {
    oracle_name: name,
    violations: severities.map((severity) => ({ severity })),
    stats: { entities_tracked: severities.length, events_recorded: 5 },
    passed: severities.length === 0,
  };
}

test("a ledger that is filled step by step is the one that is made at once", () => {
  const make = (): EvidenceLedger =>
    new EvidenceLedger()
      .recordOracleResult(resultOf("a"))
      .recordOracleResult(resultOf("b", "high"), { artifactPath: "trace", timestamp: "later" })
      .recordOracleResult(resultOf("c", "low", "critical"))
      .recordSeed("s", 1n)
      .recordSeed("s", 2n)
      .recordArtifactPath("trace")
      .recordArtifactPath("trace")
      .addMetadata("k", "v");
  expect(make().document()).toEqual(
    evidenceLedger({
      results: [
        { result: resultOf("a"), artifactPath: null },
        { result: resultOf("b", "high"), artifactPath: "trace", timestamp: "later" },
        { result: resultOf("c", "low", "critical"), artifactPath: null },
      ],
      ...{ seeds: { s: 2n }, artifactPaths: ["trace"], metadata: { k: "v" } },
    }),
  );
  expect(
    make()
      .document()
      .entries.map(({ timestamp }) => timestamp),
  ).toEqual([0, "later", 2]);
  expect(make().exportJson()).toBe(make().exportJson());
});

test("a summary counts by strength, and names the strong ones", () => {
  const ledger = new EvidenceLedger();
  expect(ledger.summary()).toMatchObject({ entries: 0, violations: 0, strong: [] });
  for (const result of [
    resultOf("a"),
    resultOf("b", "low"),
    resultOf("c", "high"),
    resultOf("d", "critical"),
  ]) {
    ledger.recordOracleResult(result);
  }
  const { strong, ...counts } = ledger.summary();
  expect(counts).toEqual({
    ...{ entries: 4, violations: 3 },
    by_strength: { against: 1, negligible: 0, positive: 1, strong: 1, very_strong: 1 },
  });
  expect(strong.map(({ oracle_name }) => oracle_name)).toEqual(["c", "d"]);
});

test("a seed that is none is refused when the ledger is made", () => {
  expect(() => new EvidenceLedger().recordSeed("s", -1).document()).toThrow(RangeError);
});
