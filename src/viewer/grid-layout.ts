import type { GridPicture } from "../reports/html/pictures.ts";

export const ROW = 18;
export const TOP_PAD = 4;
const LEFT = 150;
/** Names over columns need this much width each. */
const HEAD_CELL = 14;
const MAX_HEADS = 130;
/** A letter of 12 pixels, about. */
const LETTER = 7;
/** A map of many chunks wraps into lines of cells that are this wide. */
const LEAST_CELL = 6;

/** One cell of a row. */
export interface Cell {
  readonly row: number;
  readonly at: number;
}

export interface Layout {
  readonly left: number;
  /** Pixels of a cell. */
  readonly wide: number;
  readonly perLine: number;
  /** Pixels for the names of columns; 0 where they do not fit. */
  readonly heads: number;
  /** The first line of each row. */
  readonly lines: readonly number[];
  readonly height: number;
}

export function layoutOf({ columns, rows }: GridPicture, width: number): Layout {
  const longest = Math.max(1, ...rows.map(({ cells }) => cells.length));
  const left = Math.min(LEFT, width / 3);
  const perLine = Math.max(1, Math.min(longest, Math.floor((width - left) / LEAST_CELL)));
  const wide = Math.min(4 * ROW, (width - left) / perLine);
  const heads = columns.length > 0 && perLine === longest && wide >= HEAD_CELL ? headsOf(columns) : 0;
  const lines: number[] = [];
  let line = 0;
  for (const { cells } of rows) {
    lines.push(line);
    line += Math.max(1, Math.ceil(cells.length / perLine));
  }
  return { left, wide, perLine, heads, lines, height: TOP_PAD + heads + line * ROW };
}

/** The upper left corner of a cell. */
export function placeOf(layout: Layout, { at, row }: Cell): { readonly x: number; readonly y: number } {
  const line = (layout.lines[row] ?? 0) + Math.floor(at / layout.perLine);
  return {
    x: layout.left + (at % layout.perLine) * layout.wide,
    y: TOP_PAD + layout.heads + line * ROW,
  };
}

export function cellAt({ rows }: GridPicture, layout: Layout, x: number, y: number): Cell | null {
  const line = Math.floor((y - TOP_PAD - layout.heads) / ROW);
  const column = Math.floor((x - layout.left) / layout.wide);
  const row = layout.lines.findLastIndex((first) => first <= line);
  if (line < 0 || row === -1 || column < 0 || column >= layout.perLine) return null;
  const at = (line - (layout.lines[row] ?? 0)) * layout.perLine + column;
  return at < (rows[row]?.cells.length ?? 0) ? { row, at } : null;
}

/** What a cell is, in words. */
export function textOf({ anchors, categories, columns, rows }: GridPicture, { at, row }: Cell): string {
  const found = rows[row];
  const kind = found?.cells[at] ?? -1;
  const leads =
    anchors?.[found?.leads?.[at] ?? -1] === undefined ? "" : " · Enter or a click shows what happened";
  return `${found?.label ?? ""} · ${columns[at] ?? at} · ${kind < 0 ? "none" : (categories[kind] ?? "")}${leads}`;
}

/** Where a key moves the cursor to; null for any other key. */
export function moved({ rows }: GridPicture, cursor: Cell | null, key: string): Cell | null {
  const steps: Readonly<Record<string, readonly [rows: number, cells: number]>> = {
    ArrowRight: [0, 1],
    ArrowLeft: [0, -1],
    ArrowDown: [1, 0],
    ArrowUp: [-1, 0],
    Home: [-rows.length, -Infinity],
  };
  const step = steps[key];
  if (step === undefined || rows.length === 0) return null;
  if (cursor === null) return { row: 0, at: 0 };
  const row = Math.min(rows.length - 1, Math.max(0, cursor.row + step[0]));
  const last = (rows[row]?.cells.length ?? 1) - 1;
  return { row, at: Math.max(0, Math.min(last, cursor.at + step[1])) };
}

function headsOf(columns: readonly string[]): number {
  return Math.min(MAX_HEADS, 14 + LETTER * Math.max(...columns.map(({ length }) => length)));
}
