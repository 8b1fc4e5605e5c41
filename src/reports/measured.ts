import type { Counts, Ratio } from "../evidence/intervals.ts";
import type { MeasuredCheck, MeasuredEntry, MeasuredLedger } from "../evidence/measured.ts";

/** A ratio's interval in words: a bound where nothing was seen on one side. */
export function ratioWords({ high, low }: Ratio): string {
  if (high === null) return low === 0 ? "not known" : `≥ ${figure(low)}`;
  return low === 0 ? `≤ ${figure(high)}` : `${figure(low)} to ${figure(high)}`;
}

/** `1,200 of 1,200 planted, 0 of 3,000 clean`. */
function countWords({ in_clean, in_defect }: MeasuredCheck): string {
  return `${ofWords(in_defect)} planted, ${ofWords(in_clean)} clean`;
}

export function ofWords({ runs, signals }: Counts): string {
  return `${signals.toLocaleString("en-US")} of ${runs.toLocaleString("en-US")}`;
}

/** Three digits that count: more would pretend to know more. */
function figure(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded >= 1000 ? rounded.toLocaleString("en-US") : String(rounded);
}

/** What an entry of a ledger weighs: as assigned, and as measured, each said to be what it is. */
export function measuredLines(entry: MeasuredEntry | undefined): string[] {
  if (entry === undefined) return [];
  const { assigned_log10_bf: assigned, measured, measured_checks: checks } = entry;
  return [
    `assigned  10^${assigned} = ${figure(10 ** assigned)} (chosen, not measured)`,
    ...(measured === null ? checks : [measured, ...checks]).map(checkLine),
    ...(measured === null && checks.length === 0 ? ["measured  never"] : []),
  ];
}

function checkLine(check: MeasuredCheck): string {
  const said = check.signalled ? check.check : `${check.check} silent`;
  return `measured  ${ratioWords(check.likelihood_ratio)} for ${said} (${countWords(check)})`;
}

/** What dependent checks say together; nothing where none of them was measured. */
export function measuredTogether({ confidence, together }: MeasuredLedger): string[] {
  if (together.length === 0) return [];
  const lines = together.map((check) => `together  ${checkLine(check)}`);
  return [
    ...lines,
    `          ${100 * confidence} % intervals; dependent checks are measured as one, never multiplied`,
  ];
}
