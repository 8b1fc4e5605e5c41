import type { SweepReport } from "../../contracts/sweep-report.ts";
import type { GridPicture } from "./pictures.ts";

const CATEGORIES = ["handled well", "failed", "inconclusive", "not reached"];
const [PASSED, FAILED, UNCLEAR, UNREACHED] = [0, 1, 2, 3];
/** Points in one row: more are not told apart on any screen. */
const MAX_COLUMNS = 5000;
const MAX_ROWS = 100;

/** The matrix of faults × points; null where the report names no point. `anchorOf` names the details of a finding. */
export function sweepMatrix(report: SweepReport, anchorOf: (finding: number) => string): GridPicture | null {
  const cells = new Cells();
  for (const point of report.passed_points) cells.put(point, PASSED, -1);
  for (const point of report.unclear_points) cells.put(point, UNCLEAR, -1);
  for (const point of report.unreached) cells.put(point, UNREACHED, -1);
  for (const [finding, { members }] of report.findings.entries()) {
    for (const { point } of members) cells.put(point, FAILED, finding);
  }
  if (cells.size === 0) return null;
  return {
    ...{ kind: "grid", title: "Faults × points", summary: summaryOf(report, cells), categories: CATEGORIES },
    tones: ["pass", "fail", "inconclusive", "muted"],
    anchors: report.findings.map((_, index) => anchorOf(index)),
    ...cells.rows(),
  };
}

function summaryOf(
  { counts, passed_points: passed, unclear_points: unclear }: SweepReport,
  cells: Cells,
): string {
  const known = [
    `a row a fault, a cell a system call; further faults are in a table below. Of all: ${counts.failed} failed, ${counts.passed} handled well, ${counts.inconclusive} inconclusive, ${counts.not_reached} not reached`,
  ];
  if (counts.not_tried > 0) known.push(`${counts.not_tried} were not tried`);
  const unnamed = counts.passed - passed.length + counts.inconclusive - unclear.length;
  if (unnamed > 0) known.push(`${unnamed} are not named in the report and not drawn`);
  if (cells.left > 0) known.push(`${cells.left} more points are not drawn`);
  return `${known.join("; ")}.`;
}

/** A point is `FAULT:call:occurrence`. Further faults, `name` or `name:case`, have no call: they are in a table. */
const POINT = /^([^:]+):([^:]+:.+)$/s;

/** Points by fault and place. */
class Cells {
  readonly #rows = new Map<string, Map<number, readonly [kind: number, finding: number]>>();
  readonly #columns = new Map<string, number>();
  left = 0;

  get size(): number {
    return this.#rows.size;
  }

  put(point: string, kind: number, finding: number): void {
    const [, fault, place] = POINT.exec(point) ?? [];
    if (fault === undefined || place === undefined) return;
    const isFull = this.#rows.size >= MAX_ROWS && !this.#rows.has(fault);
    if (isFull || (this.#columns.size >= MAX_COLUMNS && !this.#columns.has(place))) {
      this.left += 1;
      return;
    }
    const row = this.#rows.get(fault) ?? new Map<number, readonly [number, number]>();
    this.#rows.set(fault, row);
    const column = this.#columns.get(place) ?? this.#columns.size;
    this.#columns.set(place, column);
    row.set(column, [kind, finding]);
  }

  rows(): Pick<GridPicture, "rows" | "columns"> {
    const columns = [...this.#columns.keys()].sort(byPlace);
    const rows = [...this.#rows].map(([label, seen]) => {
      const found = columns.map((place) => seen.get(this.#columns.get(place) ?? -1));
      return {
        label,
        cells: Int16Array.from(found, (each) => each?.[0] ?? -1),
        leads: Int16Array.from(found, (each) => each?.[1] ?? -1),
      };
    });
    return { columns, rows };
  }
}

/** By call, then by number. */
function byPlace(a: string, b: string): number {
  const [callA = "", numberA = ""] = a.split(":");
  const [callB = "", numberB = ""] = b.split(":");
  if (callA !== callB) return callA < callB ? -1 : 1;
  return (Number.parseInt(numberA, 10) || 0) - (Number.parseInt(numberB, 10) || 0) || (a < b ? -1 : 1);
}
