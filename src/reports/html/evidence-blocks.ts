import type { LedgerDocument } from "../../evidence/ledger.ts";
import type { MeasuredCheck, MeasuredEntry, MeasuredLedger } from "../../evidence/measured.ts";
import { ofWords, ratioWords } from "../measured.ts";
import type { Block, Cell } from "./blocks.ts";
import type { BarsPicture } from "./pictures.ts";

type Bars = BarsPicture["bars"][number];

const ASSIGNED =
  "log10 of each Bayes factor for a violation: above zero speaks for one. Assigned weights are chosen, not measured, and not to be multiplied.";

/** What each check's word weighs: as it was assigned, and as it was measured, side by side. */
export function evidenceBlocks({ entries }: LedgerDocument, measured: MeasuredLedger): Block[] {
  if (entries.length === 0) return [];
  const columns = [
    { title: "oracle" },
    { title: "verdict" },
    { title: "assigned, log10", numeric: true },
    { title: "strength" },
    { title: "measured likelihood ratio", numeric: true },
  ];
  const rows = entries.map(({ evidence, oracle_name: name }, index): Cell[] => [
    name,
    { text: evidence.passed ? "pass" : "fail", verdict: evidence.passed ? "pass" : "fail" },
    evidence.bayes_factor.log10_bf.toFixed(2),
    evidence.bayes_factor.strength,
    measuredWords(measured.entries[index]),
  ]);
  const bars = entries.flatMap(({ evidence, oracle_name: name }, index): Bars[] => [
    { label: `${name}, assigned`, value: evidence.bayes_factor.log10_bf },
    ...checksOf(measured.entries[index]).flatMap((check) => measuredBar(name, check)),
  ]);
  const confidence = `Measured ones are ${100 * measured.confidence} % intervals from planted defects and clean runs of apr ${measured.apr_version}.`;
  const summary = `${ASSIGNED} ${confidence}`;
  return [
    {
      kind: "section",
      title: "Evidence",
      blocks: [
        { kind: "table", caption: "Weights of evidence", columns, rows },
        ...measuredTable(measured),
        { kind: "picture", picture: { kind: "bars", unit: "log10", title: "Bayes factors", summary, bars } },
      ],
    },
  ];
}

function checksOf(entry: MeasuredEntry | undefined): readonly MeasuredCheck[] {
  if (entry === undefined) return [];
  return entry.measured === null ? entry.measured_checks : [entry.measured, ...entry.measured_checks];
}

function measuredWords(entry: MeasuredEntry | undefined): string {
  const [first] = checksOf(entry);
  return first === undefined ? "never" : ratioWords(first.likelihood_ratio);
}

/** An interval on the log scale; where one end is not known, the end that is. */
function measuredBar(name: string, { check, likelihood_ratio: { high, low } }: MeasuredCheck): Bars[] {
  const ends = [low, high].filter((end) => end !== null && end > 0 && Number.isFinite(end)) as number[];
  const [first, last = first] = ends.map(Math.log10);
  if (first === undefined || last === undefined) return [];
  const bound = ends.length === 2 ? "" : high === null ? ", at least" : ", at most";
  return [{ label: `${name}, ${check} measured${bound}`, value: (first + last) / 2, low: first, high: last }];
}

function measuredTable({ entries, together }: MeasuredLedger): Block[] {
  const checks = [...entries.flatMap(checksOf), ...together];
  if (checks.length === 0) return [];
  const titles = ["likelihood ratio", "in planted defects", "in clean runs"];
  return [
    {
      kind: "table",
      caption: "Measured checks; dependent ones are measured as one, never multiplied",
      columns: [{ title: "check" }, ...titles.map((title) => ({ title, numeric: true }))],
      rows: checks.map(({ check, in_clean, in_defect, likelihood_ratio, signalled }): Cell[] => [
        signalled ? check : `${check}, silent`,
        ratioWords(likelihood_ratio),
        ofWords(in_defect),
        ofWords(in_clean),
      ]),
    },
  ];
}
