import type { Look } from "./look.ts";

/** Figures of one transfer or run over time. */
export interface Past {
  readonly values: readonly number[];
  /** What was added a second, over the looks that are kept; null before the second look. */
  readonly perSecond: number | null;
}

const KEPT_LOOKS = 60;
const RATE_LOOKS = 10;
const NOTHING: Past = { values: [], perSecond: null };

interface Kept {
  readonly atMs: number[];
  readonly values: number[];
}

/** Remembers what was seen: transfers by id, runs by process. What has gone is forgotten. */
export class History {
  #kept = new Map<string, Kept>();

  add({ atMs, runs, transfers }: Look): void {
    const now = new Map<string, Kept>();
    const put = (key: string, value: number): void => {
      const { atMs: times, values } = this.#kept.get(key) ?? { atMs: [], values: [] };
      now.set(key, {
        atMs: [...times, atMs].slice(-KEPT_LOOKS),
        values: [...values, value].slice(-KEPT_LOOKS),
      });
    };
    for (const { haveBytes, id } of transfers) put(transferKey(id), haveBytes);
    for (const { memoryBytes, pid } of runs) put(runKey(pid), memoryBytes);
    this.#kept = now;
  }

  of(key: string): Past {
    const found = this.#kept.get(key);
    if (found === undefined) return NOTHING;
    const [atMs, values] = [found.atMs.slice(-RATE_LOOKS), found.values.slice(-RATE_LOOKS)];
    const ms = (atMs.at(-1) ?? 0) - (atMs[0] ?? 0);
    const added = (values.at(-1) ?? 0) - (values[0] ?? 0);
    return { values: found.values, perSecond: ms > 0 ? (added / ms) * 1000 : null };
  }
}

export function transferKey(id: string): string {
  return `transfer ${id}`;
}

export function runKey(pid: number): string {
  return `run ${pid}`;
}
