import { formatDuration } from "../base/units.ts";
import type { SweepReport } from "../contracts/sweep-report.ts";
import { paint } from "./colour.ts";
import { printable, printableLines } from "./printable.ts";
import { wrapShellLine } from "./shell-lines.ts";
import { padText, widest, wrapLabelled } from "./text.ts";

/** One subject of a scenario, as the text needs it. */
interface ToldSubject {
  readonly name: string;
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly known: readonly string[];
  readonly fresh: readonly string[];
  readonly report: SweepReport;
}

const DEFAULT_WIDTH = 100;

/** What a person sees of `apr qa run`: a line a subject, what is wrong below it, and how to see it again. */
export function scenarioText(
  subjects: readonly ToldSubject[],
  exitCode: number,
  options: { readonly width?: number; readonly color?: boolean } = {},
): string {
  const width = Math.max(50, options.width ?? DEFAULT_WIDTH);
  const names = widest(subjects.map(({ name }) => printable(name)));
  const lines = subjects.flatMap((subject) => subjectLines(subject, names, width, options.color ?? false));
  const bad = subjects.filter(({ ok }) => !ok).length;
  const last = bad === 0 ? `${subjects.length} as expected` : `${bad} of ${subjects.length} not as expected`;
  return `${[...lines, "", `${last}  exit ${exitCode}`].join("\n")}\n`;
}

function subjectLines(subject: ToldSubject, names: number, width: number, color: boolean): string[] {
  const { name, ok, problems, notes, known, fresh, report } = subject;
  const { counts, sweep_ms: ms } = report;
  const tried = counts.total - counts.not_tried;
  const word = ok ? "ok  " : "FAIL";
  const facts = [
    `${tried} of ${counts.total} points, ${formatDuration(ms)}`,
    ...(known.length === 0 ? [] : [`${known.length} known`]),
  ].join(", ");
  const shown = report.findings.filter(({ id }) => fresh.includes(id));
  return [
    `  ${paint(word, ok ? "pass" : "fail", color)}  ${padText(printable(name), names)}  ${facts}`,
    ...problems.flatMap((problem) => wrapLabelled("        ", printable(problem), width)),
    ...notes.flatMap((note) => wrapLabelled("        note  ", printable(note), width)),
    ...(shown.length === 0 ? [] : again([report.setup, ...shown.map(({ line }) => line)], width)),
  ];
}

function again(texts: readonly string[], width: number): string[] {
  const lines = texts.flatMap(printableLines).flatMap((line) => wrapShellLine(line, width - 10));
  return lines.map((line) => `          ${line}`);
}
