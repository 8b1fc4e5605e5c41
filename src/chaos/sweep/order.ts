import type { Point } from "./point.ts";

/** What finds the most comes first: a single lost write, then the end of a run by force. */
const FAULTS = [
  ...["ENOSPC", "EIO", "SIGTERM", "SIGKILL", "EACCES", "SIGINT", "EDQUOT", "EXDEV", "EINTR", "ECONNRESET"],
  ...["EMFILE", "ENFILE", "ENOMEM"],
];
const ROLES = ["output", "stdout", "state", "file", "network", "model", "memory"];

/**
 * The points in the order in which they are tried. Points that differ only in their occurrence make a row; each round
 * takes one of every row, the first and the last of it before what lies between, in ever finer steps.
 */
export function ordered(points: readonly Point[]): readonly Point[] {
  const rows = new Map<string, Point[]>();
  for (const point of points) {
    const key = `${point.fault} ${point.call} ${point.sustained} ${point.role}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [point]);
    else row.push(point);
  }
  const ranked = [...rows.values()].sort((a, b) => rank(a[0]) - rank(b[0])).map(spread);
  const longest = ranked.reduce((most, row) => Math.max(most, row.length), 0);
  const found: Point[] = [];
  for (let round = 0; round < longest; round++) {
    for (const row of ranked) {
      const point = row[round];
      if (point !== undefined) found.push(point);
    }
  }
  return found;
}

function rank(point: Point | undefined): number {
  if (point === undefined) return 0;
  return ROLES.indexOf(point.role) * 100 + FAULTS.indexOf(point.fault) * 2 + (point.sustained ? 1 : 0);
}

/** First, last, second, then halves of halves. */
function spread(row: readonly Point[]): readonly Point[] {
  const sorted = [...row].sort((a, b) => a.occurrence - b.occurrence);
  const order = [0, sorted.length - 1, 1];
  const gaps: [number, number][] = [[1, sorted.length - 1]];
  for (let gap = gaps.shift(); gap !== undefined; gap = gaps.shift()) {
    const [low, high] = gap;
    if (high - low < 2) continue;
    const middle = (low + high) >> 1;
    order.push(middle);
    gaps.push([low, middle], [middle, high]);
  }
  return [...new Set(order)].flatMap((index) => sorted[index] ?? []);
}
