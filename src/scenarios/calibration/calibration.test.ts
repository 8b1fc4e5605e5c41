import { expect, test } from "vitest";
import { clopperPearson } from "../../evidence/intervals.ts";
import { addSubjects, countsOf, type MeasuredSubject, type Tally } from "../../evidence/measured-table.ts";
import { MEASURED_WEIGHTS } from "../../evidence/measured-weights.ts";
import type { TraceEvent } from "../../evidence/trace.ts";
import { runScenario } from "../run.ts";
import { calibrationPull } from "./pull.ts";
import { storeDefects } from "./store-defects.ts";
import { measureStores } from "./stores.ts";
import { chanceOf, measureTransfers, plantedTrace, transferDefects, transferSignals } from "./transfers.ts";

/** So seldom outside that a test may stand on it: one in a million for each of some hundred intervals. */
const SURE = 1 - 1e-6;

/** Rows whose counts in a sample cannot come from the proportions that the table has. */
function misfits(sample: MeasuredSubject, shipped: MeasuredSubject): string[] {
  const meet = (name: string, one: Tally, two: Tally | undefined, check: Parameters<typeof countsOf>[1]) => {
    if (two === undefined) return [`${name} is not in the table`];
    const [a, b] = [one, two].map((tally) => clopperPearson(countsOf(tally, check), SURE));
    return a !== undefined && b !== undefined && a.low <= b.high && b.low <= a.high ? [] : [name];
  };
  return [
    ...sample.defects.flatMap((each) =>
      meet(
        each.defect,
        each,
        shipped.defects.find(({ defect }) => defect === each.defect),
        each.of,
      ),
    ),
    ...sample.mixed.flatMap((each) =>
      meet(
        each.of,
        each,
        shipped.mixed.find(({ of }) => of === each.of),
        each.of,
      ),
    ),
    ...sample.mixed.flatMap(({ of }) => meet(`clean ${of}`, sample.clean, shipped.clean, of)),
  ];
}

function shippedOf(subject: MeasuredSubject["subject"]): MeasuredSubject {
  const found = MEASURED_WEIGHTS.subjects.find((each) => each.subject === subject);
  if (found === undefined) throw new Error(`no ${subject} in the table`);
  return found;
}

test("a sample of pulls agrees with the shipped table, in parts as well as in one", async () => {
  const sample = await measureTransfers({ seeds: [0, 60] });
  const shipped = shippedOf("transfer");
  expect(misfits(sample, shipped)).toEqual([]);
  expect(sample.clean.signals).toEqual({});
  const parts = [
    await measureTransfers({ seeds: [0, 20] }),
    await measureTransfers({ seeds: [20, 60] }),
  ] as const;
  expect(addSubjects(...parts)).toEqual(sample);
  // The comparison can fail: a table of weaker checks is another table.
  const weaker = shipped.defects.map((each) => ({ ...each, signals: {} }));
  expect(misfits(sample, { ...shipped, defects: weaker })).toHaveLength(transferDefects.length);
});

test("a sample of stores agrees with the shipped table", async () => {
  const sample = await measureStores({ seeds: [0, 25] });
  expect(misfits(sample, shippedOf("store"))).toEqual([]);
  expect(sample.clean.signals).toEqual({});
  for (const { defect, of, runs, signals } of sample.defects) expect(signals[of], defect).toBe(runs);
  expect(await measureStores({ seeds: [0, 3] })).toEqual(await measureStores({ seeds: [0, 3] }));
});

/** The first pull whose trace has a place for every defect. */
async function richTrace(): Promise<{ readonly seed: number; readonly events: readonly TraceEvent[] }> {
  for (let seed = 0; seed < 100; seed++) {
    const { traces } = await runScenario(calibrationPull, BigInt(seed));
    const events = traces[0]?.events ?? [];
    const fits = transferDefects.every(
      (defect, index) => plantedTrace(events, defect, chanceOf(seed, index + 1)) !== null,
    );
    if (fits) return { seed, events };
  }
  throw new Error("no trace has a place for every defect");
}

test("each defect changes the trace where it is planted, and not otherwise", async () => {
  const { events, seed } = await richTrace();
  expect(transferSignals(events).size).toBe(0);
  const before = JSON.stringify(events);
  for (const [index, defect] of transferDefects.entries()) {
    expect(plantedTrace(events, defect, chanceOf(seed, index + 1)), defect.name).not.toEqual(events);
    expect(plantedTrace([], defect, chanceOf(seed, index + 1)), defect.name).toBeNull();
  }
  expect(JSON.stringify(events)).toBe(before);
});

test("names are unique, and every check has defects of its own", () => {
  const names = [...transferDefects, ...storeDefects].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(transferDefects.map(({ of }) => of)).size).toBe(8);
  expect(new Set(storeDefects.map(({ of }) => of)).size).toBe(4);
});
