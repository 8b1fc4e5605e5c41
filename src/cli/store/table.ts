import { printable } from "../../reports/printable.ts";

/** Rows in aligned columns, without spaces at the ends of lines. Columns in `right` are set to the right. */
export function table(cells: readonly (readonly string[])[], right: readonly number[] = []): string {
  // Names come from manifests and files of other people: none may drive the terminal.
  const rows = cells.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return rows.map((row) => `  ${line(row)}\n`).join("");
}
