import { formatBytes } from "../../base/units.ts";
import { nodeClock } from "../../world/node/time.ts";
import type { AprContext } from "../context.ts";
import { tellingOf } from "../terminal.ts";

/** How far a long piece of work is: a line that is rewritten, on a terminal only. */
export interface Bar {
  readonly add: (bytes: number) => void;
  /** How much there is in all, once it is known. */
  readonly expect: (bytes: number) => void;
  readonly done: () => void;
}

const EVERY_MS = 100;
const CLEAR_LINE = "\r\u001b[K";
const CELLS = 28;

export function bar(context: AprContext, what: string): Bar {
  const nothing = (): void => undefined;
  if (tellingOf(context) !== "rewrite") return { add: nothing, expect: nothing, done: nothing };
  const startMs = nodeClock.monotonicMs();
  let [shownMs, doneBytes, allBytes] = [startMs, 0, 0];
  return {
    expect(bytes) {
      allBytes += bytes;
    },
    add(bytes) {
      doneBytes += bytes;
      const now = nodeClock.monotonicMs();
      if (now - shownMs < EVERY_MS) return;
      shownMs = now;
      context.err(`${CLEAR_LINE}  ${what}  ${barText(doneBytes, allBytes, now - startMs)}`);
    },
    done: () => context.err(CLEAR_LINE),
  };
}

/** `███░░░  41 % of 3 GiB  820 MiB/s  2 s left`; without the whole, only what is done. */
export function barText(doneBytes: number, allBytes: number, ms: number): string {
  const perSecond = (doneBytes / Math.max(1, ms)) * 1000;
  const speed = `${formatBytes(perSecond)}/s`;
  if (allBytes <= 0) return `${formatBytes(doneBytes)}  ${speed}`;
  // A file may grow while it is read.
  const share = Math.min(1, doneBytes / allBytes);
  const cells = Math.round(share * CELLS);
  const left = Math.ceil(Math.max(0, allBytes - doneBytes) / Math.max(1, perSecond));
  return `${"█".repeat(cells)}${"░".repeat(CELLS - cells)}  ${Math.floor(share * 100)} % of ${formatBytes(allBytes)}  ${speed}  ${secondsText(left)} left`;
}

/** A span for people: `5 s`, `3 min 2 s`, `2 h 5 min`. */
export function secondsText(count: number): string {
  if (count < 60) return `${count} s`;
  if (count < 3600) return `${Math.floor(count / 60)} min ${count % 60} s`;
  return `${Math.floor(count / 3600)} h ${Math.floor((count % 3600) / 60)} min`;
}
