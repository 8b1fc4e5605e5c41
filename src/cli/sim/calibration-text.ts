import type { Signal, Together } from "../../evidence/dependence.ts";
import { clopperPearson, likelihoodRatio } from "../../evidence/intervals.ts";
import {
  CONFIDENCE,
  cleanCountsOf,
  countsOf,
  type MeasuredSubject,
  type MeasuredTable,
  type PairedTally,
} from "../../evidence/measured-table.ts";
import { ofWords, ratioWords } from "../../reports/measured.ts";
import { table } from "../store/table.ts";

/** Rows of one table for a person: each check over its defects together, then each defect. */
export function calibrationText({ subjects }: MeasuredTable): string {
  return subjects.map(subjectText).join("\n");
}

const RUNS = { transfer: "simulated pulls", store: "simulated stores" } as const;

function subjectText(subject: MeasuredSubject): string {
  const { clean, defects, mixed, seeds } = subject;
  const heading = ["CHECK", "DEFECT", "SIGNALS", "P(SIGNAL | DEFECT)", "P(SIGNAL | CLEAN)", "RATIO"];
  const rows = mixed.flatMap((each) => [
    row(each.of, "any of its own", each),
    ...defects.filter(({ of }) => of === each.of).map((one) => row(one.of, one.defect, one)),
  ]);
  const count = clean.runs.toLocaleString("en-US");
  return `  ${count} ${RUNS[subject.subject]}, seeds ${seeds[0]} to ${seeds[1] - 1}\n${table([heading, ...rows])}`;
}

function row(check: Signal | Together, defect: string, tally: PairedTally): string[] {
  const [found, alarms] = [countsOf(tally, check), cleanCountsOf(tally, check)];
  return [
    ...[check, defect, ofWords(found), shareWords(found), shareWords(alarms)],
    ratioWords(likelihoodRatio(found, alarms, CONFIDENCE)),
  ];
}

/** The interval of a proportion, in per cent. */
function shareWords(counts: { readonly signals: number; readonly runs: number }): string {
  const { high, low } = clopperPearson(counts, CONFIDENCE);
  const percent = (share: number): string => `${Number((100 * share).toPrecision(4))}`;
  if (low === 0) return `≤ ${Number((100 * high).toPrecision(2))} %`;
  return high === 1 ? `≥ ${percent(low)} %` : `${percent(low)} to ${percent(high)} %`;
}
