import type { Signal, Together } from "./dependence.ts";
import type { Counts } from "./intervals.ts";

/** How many runs there were, and in how many of them each check signalled; checks that never did are left out. */
export interface Tally {
  readonly runs: number;
  readonly signals: Readonly<Partial<Record<Signal | Together, number>>>;
}

/** Runs with a defect, beside the clean runs of the same seeds: no other ones are a fair comparison. */
export interface PairedTally extends Tally {
  /** In how many of the same seeds' clean runs each check signalled. */
  readonly clean_signals: Tally["signals"];
}

/** Runs with one planted defect. */
export interface DefectTally extends PairedTally {
  readonly defect: string;
  /** The check that exists for it. */
  readonly of: Signal;
}

/** Runs with one defect each, drawn by the seed among all those that belong to a check, or to checks together. */
export interface MixedTally extends PairedTally {
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

/** The same for the clean runs of the same seeds. */
export function cleanCountsOf(
  { clean_signals: signals, runs }: PairedTally,
  check: Signal | Together,
): Counts {
  return countsOf({ signals, runs }, check);
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
    defects: one.defects.map((each, index) => ({ ...each, ...addedPairs(each, two.defects[index]) })),
    mixed: one.mixed.map((each, index) => ({ ...each, ...addedPairs(each, two.mixed[index]) })),
  };
}

function shapeOf({ defects, mixed, params, subject }: MeasuredSubject): unknown {
  return [subject, params, defects.map(({ defect, of }) => [defect, of]), mixed.map(({ of }) => of)];
}

function addedPairs(one: PairedTally, two: PairedTally | undefined): PairedTally {
  return { ...added(one, two), clean_signals: sum(one.clean_signals, two?.clean_signals ?? {}) };
}

function added(one: Tally, two: Tally | undefined): Tally {
  return { runs: one.runs + (two?.runs ?? 0), signals: sum(one.signals, two?.signals ?? {}) };
}

function sum(one: Tally["signals"], two: Tally["signals"]): Tally["signals"] {
  const all = { ...one };
  for (const [name, count] of Object.entries(two)) {
    const check = name as Signal | Together;
    all[check] = (all[check] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}
