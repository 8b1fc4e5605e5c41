import { formatDuration } from "../base/units.ts";
import type { SweepFinding, SweepReport } from "../contracts/sweep-report.ts";
import { commandText } from "./chaos-words.ts";
import { printable, printableLines } from "./printable.ts";
import { summaryText } from "./sweep-table.ts";

/** A sweep as Markdown: for the summary page of a build. */
export function sweepMarkdown(report: SweepReport): string {
  const { counts } = report;
  const tried = counts.total - counts.not_tried;
  const lines = [
    `### ${code(commandText(report.command))}`,
    "",
    `**${report.verdict}**: ${escaped(summaryText(report))} · ${tried} of ${counts.total} points in ${formatDuration(report.sweep_ms)}`,
    "",
  ];
  if (report.findings.length > 0) {
    lines.push("| class | where | what happened | points | repeats |", "| --- | --- | --- | ---: | ---: |");
    lines.push(...report.findings.map(row), "");
    lines.push(...report.findings.flatMap(details));
  }
  return `${lines.join("\n")}\n`;
}

function row({ class: name, known, where, first, points, repeats }: SweepFinding): string {
  const label = known === null ? `**${name}**` : `${name} (known: ${escaped(known)})`;
  const cells = [
    label,
    escaped(where),
    escaped(first.happened),
    points,
    `${repeats.same} of ${repeats.tried}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function details({ id, reproduce }: SweepFinding): string[] {
  const lines = printableLines(reproduce);
  const fence = "`".repeat(Math.max(3, longestRun(reproduce) + 1));
  return [
    `<details><summary>${escaped(id)}</summary>`,
    "",
    `${fence}sh`,
    ...lines,
    fence,
    "",
    "</details>",
    "",
  ];
}

/** Text of a program that a table may hold: nothing in it is markup. */
function escaped(text: string): string {
  return printable(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_[\]|~#]/g, String.raw`\$&`);
}

function code(text: string): string {
  const fence = "`".repeat(longestRun(text) + 1);
  return `${fence} ${text} ${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
