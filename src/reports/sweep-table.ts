import { formatBytes, formatDuration } from "../base/units.ts";
import type { SweepFinding, SweepReport } from "../contracts/sweep-report.ts";
import { commandText } from "./chaos-words.ts";
import { paint } from "./colour.ts";
import { printable, printableLines } from "./printable.ts";
import { reasonText } from "./reason.ts";
import { wrapShellLine } from "./shell-lines.ts";
import { textWidth, truncateText, wrapLabelled, wrapText } from "./text.ts";

interface SweepTableOptions {
  /** Columns to fit into; 100 when it is not known. */
  readonly width?: number;
  readonly color?: boolean;
}

const DEFAULT_WIDTH = 100;
const MIN_WIDTH = 50;
const MAX_WIDTH = 160;
const BAR_COLUMNS = 28;
const STDERR_LINES = 12;
/** What a person can do about it, by reason code. */
const UNCLEAR: Readonly<Record<string, string>> = {
  "no-baseline": "the output differs from run to run; --check CMD can judge it",
};
/** Wide enough for the longest class. */
const CLASS_COLUMNS = 17;

/** What a person sees of `apr qa sweep`: findings first, the worst on top. */
export function sweepTable(report: SweepReport, options: SweepTableOptions = {}): string {
  const width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, options.width ?? DEFAULT_WIDTH));
  const color = options.color ?? false;
  const sections = [
    headLines(report, width),
    barLines(report, width),
    baselineTrouble(report, width),
    ...report.findings.map((finding) => findingLines(finding, report, width, color)),
    setupLines(report, width),
    remarkLines(report, width),
    lastLines(report, width, color),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headLines(report: SweepReport, width: number): string[] {
  const { baseline, model } = report;
  const facts = [
    ...(model === null ? [] : [`${formatBytes(model.bytes)} model`]),
    `clean run ${formatDuration(baseline.duration_ms)}`,
    ...(baseline.deterministic === null
      ? []
      : [baseline.deterministic ? "same bytes each time" : "different bytes each time"]),
  ].join(", ");
  const command = commandText(report.command);
  const line = `${command}        ${facts}`;
  return textWidth(line) <= width
    ? [line]
    : [...wrapText(command, width), ...wrapLabelled("  ", facts, width)];
}

function barLines({ counts, sweep_ms: ms }: SweepReport, width: number): string[] {
  if (counts.total === 0) return [];
  const tried = counts.total - counts.not_tried;
  const full = Math.round((BAR_COLUMNS * tried) / counts.total);
  const bar = "█".repeat(full) + "░".repeat(BAR_COLUMNS - full);
  return wrapLabelled(`  ${bar}  `, countsText(counts, ms), width);
}

function countsText(counts: SweepReport["counts"], ms: number): string {
  const tried = counts.total - counts.not_tried;
  return [
    `${tried} of ${counts.total} points, ${formatDuration(ms)}`,
    ...(counts.not_reached === 0 ? [] : [`${counts.not_reached} not reached`]),
    ...(counts.inconclusive === 0 ? [] : [`${counts.inconclusive} inconclusive`]),
  ].join(", ");
}

function baselineTrouble({ baseline }: SweepReport, width: number): string[] {
  if (baseline.exit_code === 0) return [];
  const lines = printableLines(baseline.stderr).slice(-STDERR_LINES);
  const said = lines.map((line) => truncateText(`  | ${line}`, width));
  const how = baseline.exit_code === null ? "does not end" : `ends with exit ${baseline.exit_code}`;
  return [
    ...wrapLabelled("  ", `the command ${how} without any fault, so nothing can be judged:`, width),
    ...said,
  ];
}

function findingLines(finding: SweepFinding, report: SweepReport, width: number, color: boolean): string[] {
  const { first, repeats, known } = finding;
  const loud = known === null;
  const label = printable(
    finding.severity === "critical" && loud ? finding.class.toUpperCase() : finding.class,
  ).padEnd(CLASS_COLUMNS);
  const points = finding.points === 1 ? "1 point" : `${finding.points} points`;
  const text = `${printable(finding.where)}: ${printable(first.happened)}; ${points}, ${repeats.same} of ${repeats.tried} times`;
  const indent = " ".repeat(CLASS_COLUMNS + 2);
  const [head = "", ...rest] = wrapLabelled(`  ${label}`, text, width);
  const pack = report.packs[finding.id];
  return [
    head.replace(label, () => (loud ? paint(label, "fail", color) : label)),
    ...rest,
    ...(known === null ? [] : wrapLabelled(indent, `known: ${printable(known)}`, width)),
    ...wrapShellLine(printable(finding.line), width - indent.length).map((line) => indent + line),
    ...(pack === undefined ? [] : wrapLabelled(indent, `crashpack ${printable(pack)}`, width)),
  ];
}

/** Pasted once, before any of the findings' lines. */
function setupLines({ findings, setup }: SweepReport, width: number): string[] {
  if (findings.length === 0) return [];
  const label = "  first, once:".padEnd(CLASS_COLUMNS + 2);
  const lines = printableLines(setup).flatMap((line) => wrapShellLine(line, width - label.length));
  return lines.map((line, index) => (index === 0 ? label : " ".repeat(label.length)) + line);
}

function remarkLines(report: SweepReport, width: number): string[] {
  const { blind, sandbox } = report;
  const remarks = [
    ...(blind === null ? [] : [`system calls could not be watched: ${reasonText(blind)}`]),
    ...report.further
      .filter(({ verdict }) => verdict === "inconclusive")
      .map(
        ({ title, reasons }) =>
          `${title}: nothing proven${reasons[0] === undefined ? "" : ` (${reasonText(reasons[0])})`}`,
      ),
    ...report.inconclusive.map(
      ({ reason, points }) => `${points} inconclusive: ${UNCLEAR[reason.code] ?? reasonText(reason)}`,
    ),
    ...(report.counts.not_tried === 0 ? [] : [leftOut(report)]),
    ...(sandbox.confined ? [] : ["the command could write outside its sandbox folder"]),
    ...sandbox.notes,
  ];
  return remarks.flatMap((remark) => wrapLabelled("  note  ", printable(remark), width));
}

function leftOut({ counts, shard, sample, budget_ms: budget }: SweepReport): string {
  const why = [
    ...(shard === null ? [] : [`shard ${shard.index}/${shard.count}`]),
    ...(sample === null ? [] : [`sample of ${sample.points}, seed ${sample.seed}`]),
    ...(shard === null && sample === null && budget !== null
      ? [`--budget ${formatDuration(budget)} was spent; --budget none tries them all`]
      : []),
  ].join(", ");
  return `${counts.not_tried} of ${counts.total} points were not tried (${why})`;
}

function lastLines(report: SweepReport, width: number, color: boolean): string[] {
  const text = summaryText(report);
  const code = `exit ${report.exit_code}`;
  const gap = width - textWidth(text) - code.length;
  const painted = paint(text, report.verdict, color);
  return gap < 2 ? [...wrapText(text, width), code] : [`${painted}${" ".repeat(gap)}${code}`];
}

/** The outcome in one line. */
export function summaryText({ findings, verdict, counts, blind, baseline }: SweepReport): string {
  const open = findings.filter(({ known }) => known === null);
  const known = findings.length - open.length;
  const and = known === 0 ? "" : `, ${known} known`;
  if (open.length > 0) {
    const points = open.reduce((sum, finding) => sum + finding.points, 0);
    return `${open.length} ${open.length === 1 ? "finding" : "findings"} at ${points} ${points === 1 ? "point" : "points"}${and}`;
  }
  if (baseline.exit_code !== 0) return "nothing could be judged";
  if (blind !== null) return "nothing failed, but the system calls could not be failed";
  return verdict === "pass" ? `all ${counts.passed} faults handled well${and}` : "nothing could be proven";
}
