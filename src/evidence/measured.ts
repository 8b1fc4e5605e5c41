import { groupOf, type Signal, TOGETHER, type Together } from "./dependence.ts";
import { type Counts, likelihoodRatio, type Ratio, silenceRatio } from "./intervals.ts";
import type { LedgerEntry, LedgerResult } from "./ledger-entry.ts";
import { ledgerEntry } from "./ledger-entry.ts";
import {
  CONFIDENCE,
  cleanCountsOf,
  countsOf,
  type MeasuredTable,
  type MixedTally,
} from "./measured-table.ts";

// What was measured, beside what was assigned. A likelihood ratio here is P(what the check said | one of the defects
// that belong to it) / P(the same | clean), as an interval, over the planted defects of `apr sim calibrate`: it says how
// well a check tells these defects from sound runs, and nothing of how likely a defect is.

/** An oracle's result, with the types of what it found. */
export interface MeasurableResult extends LedgerResult {
  readonly violations: readonly (LedgerResult["violations"][number] & { readonly violation_type: string })[];
}

/** One check, or several that were measured as one. */
export interface MeasuredCheck {
  readonly check: Signal | Together;
  readonly signalled: boolean;
  /** Runs with a defect that belongs to it, and those of them in which it signalled. */
  readonly in_defect: Counts;
  /** The same for the clean runs of the same seeds. */
  readonly in_clean: Counts;
  readonly likelihood_ratio: Ratio;
}

export interface MeasuredEntry {
  readonly oracle_name: string;
  readonly passed: boolean;
  /** The log10 Bayes factor that stands in the ledger: chosen, not measured. */
  readonly assigned_log10_bf: number;
  /** The whole result as one check; null where its checks were not measured together. */
  readonly measured: MeasuredCheck | null;
  /** Each check that signalled, by itself. They depend on each other: nobody may multiply them. */
  readonly measured_checks: readonly MeasuredCheck[];
}

export interface MeasuredLedger {
  readonly schema_version: 1;
  readonly about: string;
  readonly confidence: number;
  /** Of the apr whose checks were measured, and over which seeds. */
  readonly apr_version: string;
  readonly seeds: Readonly<Record<string, readonly [number, number]>>;
  /** In the order of the ledger's entries. */
  readonly entries: readonly MeasuredEntry[];
  /** What the checks of one group say together, measured as one. */
  readonly together: readonly MeasuredCheck[];
}

const ABOUT =
  "assigned weights were chosen; measured ratios come from apr sim calibrate, and those of dependent checks are never multiplied";

/** The measured side of a ledger of these results, from a table. */
export function measuredLedger(results: readonly MeasurableResult[], table: MeasuredTable): MeasuredLedger {
  const whole = results.map((result) => wholeOf(result, results));
  return {
    schema_version: 1,
    about: ABOUT,
    confidence: CONFIDENCE,
    apr_version: table.apr_version,
    seeds: Object.fromEntries(table.subjects.map(({ seeds, subject }) => [subject, seeds])),
    entries: results.map((result, index) => entryOf(result, whole[index] ?? null, table)),
    together: togetherOf(results, whole, table),
  };
}

/** How well a check tells its defects from sound runs; null when it was not measured. */
function measuredCheck(
  table: MeasuredTable,
  check: Signal | Together,
  signalled: boolean,
): MeasuredCheck | null {
  for (const subject of table.subjects) {
    const mixed = subject.mixed.find(({ of }) => of === check);
    if (mixed !== undefined) return checkOf(mixed, check, signalled);
  }
  return null;
}

function checkOf(mixed: MixedTally, check: Signal | Together, signalled: boolean): MeasuredCheck {
  const in_defect = countsOf(mixed, check);
  const in_clean = cleanCountsOf(mixed, check);
  const ratio = signalled ? likelihoodRatio : silenceRatio;
  return {
    check,
    signalled,
    in_defect,
    in_clean,
    likelihood_ratio: ratio(in_defect, in_clean, CONFIDENCE),
  };
}

/** Which checks a result is the whole of: told by its name, its count, and the other half beside it. */
function wholeOf(
  { oracle_name: name, stats, violations }: MeasurableResult,
  all: readonly MeasurableResult[],
): "oracle" | "closing" | null {
  const closing = name.endsWith("/closing");
  const other = closing ? name.slice(0, -"/closing".length) : `${name}/closing`;
  const which = closing ? "closing" : "oracle";
  const own = violations.every(({ violation_type: type }) => TOGETHER[which].some((each) => each === type));
  const complete = stats.events_recorded === TOGETHER[which].length;
  return own && complete && all.some((each) => each.oracle_name === other) ? which : null;
}

function entryOf(
  result: MeasurableResult,
  whole: "oracle" | "closing" | null,
  table: MeasuredTable,
): MeasuredEntry {
  const { oracle_name, passed, violations } = result;
  const assigned: LedgerEntry = ledgerEntry(result, null, 0);
  const found = [...new Set(violations.map(({ violation_type: type }) => type))];
  const checks = found.map((type) =>
    groupOf(type) === null ? null : measuredCheck(table, type as Signal, true),
  );
  return {
    oracle_name,
    passed,
    assigned_log10_bf: assigned.evidence.bayes_factor.log10_bf,
    measured: whole === null ? null : measuredCheck(table, whole, !passed),
    measured_checks: checks.filter((check) => check !== null),
  };
}

/** A group is silent only where all of its checks are known to have looked. */
function togetherOf(
  results: readonly MeasurableResult[],
  whole: readonly ("oracle" | "closing" | null)[],
  table: MeasuredTable,
): MeasuredCheck[] {
  const types = results.flatMap(({ violations }) => violations.map(({ violation_type: type }) => type));
  return (["transfer", "store"] as const).flatMap((group) => {
    const signalled = types.some((type) => groupOf(type) === group);
    const looked = group === "transfer" && whole.includes("oracle") && whole.includes("closing");
    const check = signalled || looked ? measuredCheck(table, group, signalled) : null;
    return check === null ? [] : [check];
  });
}
