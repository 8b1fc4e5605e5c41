import type { Signal, Together } from "./dependence.ts";
import type { Counts } from "./intervals.ts";

/** How many runs there were, and in how many of them each check signalled; checks that never did are left out. */
export interface Tally {
  readonly runs: number;
  readonly signals: Readonly<Partial<Record<Signal | Together, number>>>;
}

/** Runs with one planted defect. */
export interface DefectTally extends Tally {
  readonly defect: string;
  /** The check that exists for it. */
  readonly of: Signal;
}

/** Runs with one defect each, drawn by the seed among all those that belong to a check, or to checks together. */
export interface MixedTally extends Tally {
  readonly of: Signal | Together;
}

/** What was measured on traces of transfers, or on stores. */
export interface MeasuredSubject {
  readonly subject: "transfer" | "store";
  /** The first seed, and the one after the last. */
  readonly seeds: readonly [number, number];
  readonly params: Readonly<Record<string, number>>;
  readonly clean: Tally;
  readonly defects: readonly DefectTally[];
  readonly mixed: readonly MixedTally[];
}

/** What `apr sim calibrate` writes, and what is shipped. */
export interface MeasuredTable {
  readonly schema_version: 1;
  /** Of the apr that was measured. */
  readonly apr_version: string;
  readonly subjects: readonly MeasuredSubject[];
}

/** Of all intervals that are shown. */
export const CONFIDENCE = 0.95;

/** How often one check signalled. */
export function countsOf({ runs, signals }: Tally, check: Signal | Together): Counts {
  return { signals: signals[check] ?? 0, runs };
}

/**
 * The counts of the same subject over other seeds, added. Throws RangeError where they are not of the same subject with
 * the same parameters and defects, or where the seeds of the second do not follow those of the first.
 */
export function addSubjects(one: MeasuredSubject, two: MeasuredSubject): MeasuredSubject {
  const same = JSON.stringify(shapeOf(one)) === JSON.stringify(shapeOf(two));
  if (!same || one.seeds[1] !== two.seeds[0]) throw new RangeError("these measurements cannot be added");
  return {
    ...one,
    seeds: [one.seeds[0], two.seeds[1]],
    clean: added(one.clean, two.clean),
    defects: one.defects.map((each, index) => ({ ...each, ...added(each, two.defects[index]) })),
    mixed: one.mixed.map((each, index) => ({ ...each, ...added(each, two.mixed[index]) })),
  };
}

function shapeOf({ defects, mixed, params, subject }: MeasuredSubject): unknown {
  return [subject, params, defects.map(({ defect, of }) => [defect, of]), mixed.map(({ of }) => of)];
}

function added(one: Tally, two: Tally | undefined): Tally {
  const signals = { ...one.signals };
  for (const [name, count] of Object.entries(two?.signals ?? {})) {
    const check = name as Signal | Together;
    signals[check] = (signals[check] ?? 0) + count;
  }
  const inOrder = Object.entries(signals).sort(([a], [b]) => (a < b ? -1 : 1));
  return { runs: one.runs + (two?.runs ?? 0), signals: Object.fromEntries(inOrder) };
}
