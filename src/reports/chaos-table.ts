import type { ChaosReport, FaultReport } from "../contracts/chaos-report.ts";
import { commandText, countsText, factsText, faultText, happenedText } from "./chaos-words.ts";
import { paint, verdictLabel } from "./colour.ts";
import { printable, printableLines } from "./printable.ts";
import { reasonText } from "./reason.ts";
import { wrapShellLine } from "./shell-lines.ts";
import { padText, textWidth, truncateText, widest, wrapLabelled, wrapText } from "./text.ts";

export interface TableOptions {
  /** Columns to fit into; 100 when it is not known. */
  readonly width?: number;
  readonly color?: boolean;
}

const DEFAULT_WIDTH = 100;
/** Under this the table cannot be read, and over it nobody reads to the end of a line. */
const MIN_WIDTH = 50;
const MAX_WIDTH = 160;
/** Columns that the last column must have to stand beside the others. */
const MIN_HAPPENED = 24;
/** Lines of the clean run's stderr that are shown when it failed. */
const STDERR_LINES = 12;

const HEADINGS = {
  fault: "fault",
  contract: "contract",
  strict: "strict",
  happened: "what happened",
} as const;

/** What a person sees of `apr qa chaos`. No line is wider than asked, save a single word that cannot be broken. */
export function chaosTable(report: ChaosReport, options: TableOptions = {}): string {
  const width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, options.width ?? DEFAULT_WIDTH));
  const color = options.color ?? false;
  const sections = [
    headLines(report, width),
    baselineTrouble(report, width),
    tableLines(report.faults, width, color),
    ...report.faults.map((fault) => detailLines(fault, width, color)),
    sandboxLines(report, width),
    lastLines(report, width, color),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headLines(report: ChaosReport, width: number): string[] {
  const command = commandText(report.command);
  const facts = factsText(report);
  const oneLine = `${command}        ${facts}`;
  if (textWidth(oneLine) <= width) return [oneLine];
  return [...wrapText(command, width), ...wrapLabelled("  ", facts, width)];
}

function baselineTrouble({ baseline }: ChaosReport, width: number): string[] {
  if (baseline.exit_code === 0) return [];
  const lines = printableLines(baseline.stderr).slice(-STDERR_LINES);
  const said =
    lines.length === 0 ? ["  its stderr is empty"] : lines.map((line) => truncateText(`  | ${line}`, width));
  return [
    ...wrapLabelled("  ", "the command fails without any fault, so nothing can be judged:", width),
    ...said,
  ];
}

function tableLines(faults: readonly FaultReport[], width: number, color: boolean): string[] {
  if (faults.length === 0) return [];
  const names = widest([HEADINGS.fault, ...faults.map(faultText)]);
  const contracts = widest([
    HEADINGS.contract,
    ...faults.map((fault) => verdictLabel(fault.contract.verdict)),
  ]);
  const stricts = widest([HEADINGS.strict, ...faults.map((fault) => verdictLabel(fault.strict.verdict))]);
  const before = 2 + names + 2 + contracts + 2 + stricts + 2;
  const beside = width - before >= MIN_HAPPENED;
  const indent = beside ? " ".repeat(before) : "      ";

  const rows = faults.flatMap((fault) => {
    const cells = (["contract", "strict"] as const).map((side) => {
      const { verdict } = fault[side];
      const label = padText(verdictLabel(verdict), side === "contract" ? contracts : stricts);
      return label.replace(verdictLabel(verdict), () => paint(verdictLabel(verdict), verdict, color));
    });
    const row = `  ${padText(faultText(fault), names)}  ${cells.join("  ")}`;
    const happened = wrapText(happenedText(fault), width - indent.length);
    if (!beside) return [row.trimEnd(), ...happened.map((line) => indent + line)];
    return happened.map((line, index) => (index === 0 ? `${row}  ${line}`.trimEnd() : indent + line));
  });
  const heading = `  ${padText(HEADINGS.fault, names)}  ${padText(HEADINGS.contract, contracts)}  ${padText(HEADINGS.strict, stricts)}`;
  return [beside ? `${heading}  ${HEADINGS.happened}` : heading.trimEnd(), ...rows];
}

/** Why a failure matters and how to see it without apr; for the rest only its remarks. */
function detailLines(fault: FaultReport, width: number, color: boolean): string[] {
  const { contract, strict } = fault;
  const failed = contract.verdict === "fail" || strict.verdict === "fail";
  const remarks = [
    ...fault.notes.flatMap((note) => wrapLabelled("    note            ", reasonText(note), width)),
    ...remedies(fault).flatMap((remedy) => wrapLabelled("    remedy          ", remedy, width)),
  ];
  if (!failed && remarks.length === 0) return [];
  const codes = [...(contract.verdict === "fail" ? [contract.reason] : []), ...strict.reasons]
    .filter((reason) => reason !== null)
    .map((reason) => printable(reason.code));
  const verdict = failed ? "fail" : contract.verdict === "pass" ? strict.verdict : contract.verdict;
  const label = verdictLabel(verdict);
  const title = wrapLabelled(`  ${faultText(fault)}  ${label}  `, [...new Set(codes)].join(", "), width);
  return [
    ...title.map((line) => line.replace(label, () => paint(label, verdict, color)).trimEnd()),
    ...(fault.why === "" ? [] : wrapLabelled("    why it matters  ", printable(fault.why), width)),
    ...(failed ? reproduceLines(fault.reproduce, width) : []),
    ...remarks,
  ];
}

/** An inconclusive verdict's reason may say what would make it conclusive. */
function remedies({ contract, strict }: FaultReport): string[] {
  const reasons = [contract.reason, ...strict.reasons].filter((reason) => reason !== null);
  const texts = reasons.map((reason) => reason["remedy"]).filter((remedy) => typeof remedy === "string");
  return [...new Set(texts)].map(printable);
}

function reproduceLines(line: string, width: number): string[] {
  if (line === "") return [];
  const label = "    reproduce       ";
  const lines = wrapShellLine(printable(line), width - label.length);
  return lines.map((text, index) => (index === 0 ? label : " ".repeat(label.length)) + text);
}

function sandboxLines({ sandbox }: ChaosReport, width: number): string[] {
  const notes = [
    ...(sandbox.confined ? [] : ["the command could write outside its sandbox folder"]),
    ...sandbox.notes,
  ];
  return notes.flatMap((note) => wrapLabelled("  sandbox  ", printable(note), width));
}

/** The finding on the left and the exit code on the right, where both fit on one line. */
function lastLines(report: ChaosReport, width: number, color: boolean): string[] {
  const code = `exit ${report.exit_code}`;
  const lines = wrapText(countsText(report.faults), width);
  const last = lines.at(-1) ?? "";
  const gap = width - textWidth(last) - code.length;
  const painted = lines.map((line) => paint(line, report.verdict, color));
  if (gap < 2) return [...painted, code];
  return [...painted.slice(0, -1), `${painted.at(-1) ?? ""}${" ".repeat(gap)}${code}`];
}
