import { printable } from "../../reports/printable.ts";
import { textWidth, truncateText } from "../../reports/text.ts";
import { terminalColumns } from "../../world/node/stdio.ts";

const INDENT = 2;
const GAP = 2;
/** Narrower than this a column says nothing. */
const LEAST_COLUMN = 8;

/**
 * Rows in aligned columns, without spaces at the ends of lines. Columns in `right` are set to the right. On a
 * terminal the widest columns are cut so that a row fits; elsewhere nothing is.
 */
export function table(
  cells: readonly (readonly string[])[],
  right: readonly number[] = [],
  width: number | undefined = terminalColumns(),
): string {
  // Names come from manifests and files of other people: none may drive the terminal.
  const rows = cells.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, textWidth(cell));
  }
  if (width !== undefined) shrink(widths, width - INDENT, right);
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => set(cell, widths[column] ?? 0, right.includes(column))).join("  ");
  return rows.map((row) => `  ${line(row).trimEnd()}\n`).join("");
}

function set(cell: string, width: number, toTheRight: boolean): string {
  const shown = truncateText(cell, width);
  const space = " ".repeat(Math.max(0, width - textWidth(shown)));
  return toTheRight ? space + shown : shown + space;
}

/** Lowers the widest columns to one width. Numbers are never cut: half of one is another number. */
function shrink(widths: number[], room: number, right: readonly number[]): void {
  const capped = (cap: number): number[] =>
    widths.map((each, column) => (right.includes(column) ? each : Math.min(each, cap)));
  const total = (all: readonly number[]): number => all.reduce((sum, each) => sum + each + GAP, -GAP);
  if (total(widths) <= room) return;
  let cap = Math.max(LEAST_COLUMN, room);
  while (cap > LEAST_COLUMN && total(capped(cap)) > room) cap -= 1;
  widths.splice(0, widths.length, ...capped(cap));
}
