import { expect, test } from "vitest";
import { groupOf, TOGETHER } from "./dependence.ts";
import { likelihoodRatio } from "./intervals.ts";
import { type MeasurableResult, measuredLedger } from "./measured.ts";
import { addSubjects, type MeasuredSubject, type MeasuredTable } from "./measured-table.ts";
import { MEASURED_WEIGHTS } from "./measured-weights.ts";

const all = (of: MeasuredSubject["mixed"][number]["of"], runs: number) => ({
  ...{ of, runs, signals: { [of]: runs }, clean_signals: {} },
});

const TABLE: MeasuredTable = {
  schema_version: 1,
  apr_version: "9.9.9",
  subjects: [
    {
      ...{ subject: "transfer", seeds: [0, 1000], params: { chunks: 8 } },
      clean: { runs: 1000, signals: { quiescence: 10, oracle: 10, transfer: 10 } },
      defects: [
        { defect: "x", of: "quiescence", runs: 900, signals: { quiescence: 800 }, clean_signals: {} },
      ],
      mixed: [
        {
          ...{ of: "quiescence", runs: 900, signals: { quiescence: 800, cancellation_drain: 300 } },
          clean_signals: { quiescence: 9 },
        },
        ...[all("cancellation_drain", 700), all("closing", 980)],
        { ...all("oracle", 990), clean_signals: { oracle: 10 } },
        { ...all("transfer", 1000), clean_signals: { transfer: 10 } },
      ],
    },
    {
      ...{ subject: "store", seeds: [0, 100], params: {} },
      ...{ clean: { runs: 100, signals: {} }, defects: [], mixed: [all("missing", 100), all("store", 100)] },
    },
  ],
};

function resultOf(name: string, checks: number, ...types: string[]): MeasurableResult {
  return {
    oracle_name: name,
    violations: types.map((violation_type) => ({ violation_type, severity: "high" })),
    stats: { entities_tracked: types.length, events_recorded: checks },
    passed: types.length === 0,
  };
}

test("a failed check has its measured ratio beside its assigned weight", () => {
  const results = [resultOf("pull", 5, "quiescence"), resultOf("pull/closing", 3, "cancellation_drain")];
  const { entries, together } = measuredLedger(results, TABLE);
  expect(entries[0]).toEqual({
    oracle_name: "pull",
    passed: false,
    assigned_log10_bf: 1.6,
    measured: {
      ...{ check: "oracle", signalled: true },
      ...{ in_defect: { signals: 990, runs: 990 }, in_clean: { signals: 10, runs: 990 } },
      likelihood_ratio: likelihoodRatio({ signals: 990, runs: 990 }, { signals: 10, runs: 990 }, 0.95),
    },
    measured_checks: [
      {
        ...{ check: "quiescence", signalled: true },
        ...{ in_defect: { signals: 800, runs: 900 }, in_clean: { signals: 9, runs: 900 } },
        likelihood_ratio: likelihoodRatio({ signals: 800, runs: 900 }, { signals: 9, runs: 900 }, 0.95),
      },
    ],
  });
  expect(entries[1]?.measured_checks[0]?.likelihood_ratio.high).toBeNull();
  // Two checks signalled. What they say together is what was measured of all eight as one, and no product.
  const one = likelihoodRatio({ signals: 1000, runs: 1000 }, { signals: 10, runs: 1000 }, 0.95);
  expect(together.map(({ check, likelihood_ratio: ratio }) => [check, ratio])).toEqual([["transfer", one]]);
});

test("silence of all eight speaks against the defects, and only where all of them looked", () => {
  const silent = measuredLedger([resultOf("pull", 5), resultOf("pull/closing", 3)], TABLE);
  expect(silent.entries.map(({ measured }) => [measured?.check, measured?.signalled])).toEqual([
    ["oracle", false],
    ["closing", false],
  ]);
  expect(silent.together).toHaveLength(1);
  expect(silent.together[0]?.likelihood_ratio.high).toBeLessThan(0.01);
  for (const results of [
    [resultOf("pull", 5)],
    [resultOf("pull", 4), resultOf("pull/closing", 3)],
    [resultOf("pull", 5), resultOf("push/closing", 3)],
  ]) {
    expect(measuredLedger(results, TABLE).together).toEqual([]);
  }
});

test("what was never measured says so, whatever its name is", () => {
  const { entries, together } = measuredLedger(
    [resultOf("apr-qa-chaos-v1/F-CHAOS-002", 1, "segfault"), resultOf("x", 1, "__proto__")],
    TABLE,
  );
  expect(entries.map(({ measured, measured_checks }) => [measured, measured_checks])).toEqual([
    [null, []],
    [null, []],
  ]);
  expect(together).toEqual([]);
  expect(groupOf("toString")).toBeNull();
});

test("a store's problem and a transfer's are two groups, side by side", () => {
  const { together } = measuredLedger(
    [resultOf("sim", 1, "missing"), resultOf("sim", 1, "quiescence")],
    TABLE,
  );
  expect(together.map(({ check }) => check)).toEqual(["transfer", "store"]);
});

test("parts are added only where they fit", () => {
  const [one] = TABLE.subjects as [MeasuredSubject];
  const next = { ...one, seeds: [1000, 1500] as const };
  const sum = addSubjects(one, next);
  expect(sum.seeds).toEqual([0, 1500]);
  expect(sum.clean).toEqual({ runs: 2000, signals: { quiescence: 20, oracle: 20, transfer: 20 } });
  expect(sum.mixed[0]).toEqual({
    ...{ of: "quiescence", runs: 1800, signals: { quiescence: 1600, cancellation_drain: 600 } },
    clean_signals: { quiescence: 18 },
  });
  for (const other of [one, { ...next, params: {} }, { ...next, defects: [] }]) {
    expect(() => addSubjects(one, other)).toThrow(RangeError);
  }
});

test("the shipped table has every check of both groups, and every check was seen to signal", () => {
  for (const { mixed, subject } of MEASURED_WEIGHTS.subjects) {
    for (const check of [...TOGETHER[subject], subject]) {
      const row = mixed.find(({ of }) => of === check);
      expect(row?.signals[check], check).toBeGreaterThan(0);
    }
  }
  expect(MEASURED_WEIGHTS.subjects.map(({ subject }) => subject)).toEqual(["transfer", "store"]);
});
