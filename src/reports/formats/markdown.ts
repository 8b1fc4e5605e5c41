import { type Block, type Cell, MAX_TABLE_ROWS, MAX_TEXT_CHARS, type Page } from "../html/blocks.ts";
import { printable, printableLines } from "../printable.ts";

// A page as Markdown for the summary of a CI run. Untrusted text cannot become markup: what has a meaning there is
// escaped, and code stands in a fence that is longer than any in it.

const MARKS = { pass: "✅", fail: "❌", inconclusive: "❔" } as const;
/** Hosts cut a summary at 1 MiB; nobody reads the two hundredth row of one. */
const MAX_ROWS = 200;

export function markdownOf(page: Page): string {
  const head = [`# ${inline(page.title)}`, `${MARKS[page.verdict]} **${inline(page.finding)}**`];
  return `${[...head, ...page.blocks.flatMap((block) => blockLines(block, 2))].join("\n\n")}\n`;
}

function blockLines(block: Block, level: number): string[] {
  switch (block.kind) {
    case "text":
      return printableLines(block.text.slice(0, MAX_TEXT_CHARS)).map(inline);
    case "facts":
      return block.rows.length === 0 ? [] : [table(["", ""], [], block.rows)];
    case "table":
      return [
        `**${inline(block.caption)}**`,
        table(
          block.columns.map(({ title }) => title),
          block.columns.map(({ numeric }) => numeric === true),
          block.rows,
        ),
      ];
    case "details":
      return [`**${cellText(block.summary)}**`, ...block.blocks.flatMap((each) => blockLines(each, level))];
    case "code":
      return [`${inline(block.label)}:`, fenced(block.text)];
    case "section":
      return [
        `${"#".repeat(Math.min(level, 6))} ${inline(block.title)}`,
        ...block.blocks.flatMap((each) => blockLines(each, level + 1)),
      ];
    case "picture":
      return [`${inline(block.picture.title)}: ${inline(block.picture.summary.replaceAll(/\s+/g, " "))}`];
  }
}

function table(
  titles: readonly string[],
  numeric: readonly boolean[],
  rows: readonly (readonly Cell[])[],
): string {
  const most = Math.min(MAX_ROWS, MAX_TABLE_ROWS);
  const lines = [
    `| ${titles.map(inline).join(" | ")} |`,
    `| ${titles.map((_, index) => (numeric[index] === true ? "---:" : "---")).join(" | ")} |`,
    ...rows.slice(0, most).map((row) => `| ${row.map(cellText).join(" | ")} |`),
  ];
  if (rows.length > most) lines.push("", `${rows.length - most} more rows are not shown here`);
  return lines.join("\n");
}

function cellText(cell: Cell): string {
  if (typeof cell === "string") return inline(cell);
  return `${MARKS[cell.verdict]} ${inline(cell.text)}`;
}

/** One line of text in which nothing is markup, a link or a mention. */
function inline(text: string): string {
  return printable(text.slice(0, MAX_TEXT_CHARS))
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_[\]{}|#~!>]/g, "\\$&")
    .replaceAll("@", "&#64;")
    .replaceAll("://", ":&#8203;//");
}

function fenced(text: string): string {
  const lines = printableLines(text.slice(0, MAX_TEXT_CHARS)).join("\n");
  const longest = Math.max(2, ...[...lines.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${lines}\n${fence}`;
}
