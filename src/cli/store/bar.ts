import { formatBytes } from "../../base/units.ts";
import { isTerminal } from "../../world/node/stdio.ts";
import { nodeClock } from "../../world/node/time.ts";
import type { AprContext } from "../context.ts";

/** How far a long piece of work is: a line that is rewritten, on a terminal only. */
export interface Bar {
  readonly add: (bytes: number) => void;
  readonly done: () => void;
}

const EVERY_MS = 100;
const CLEAR_LINE = "\r\u001b[K";

export function bar(context: AprContext, what: string): Bar {
  if (!isTerminal(2)) return { add: () => undefined, done: () => undefined };
  const startMs = nodeClock.monotonicMs();
  let shownMs = startMs;
  let total = 0;
  return {
    add(bytes) {
      total += bytes;
      const now = nodeClock.monotonicMs();
      if (now - shownMs < EVERY_MS) return;
      shownMs = now;
      const speed = formatBytes((total / (now - startMs)) * 1000);
      context.err(`${CLEAR_LINE}  ${what}  ${formatBytes(total)}  ${speed}/s`);
    },
    done: () => context.err(CLEAR_LINE),
  };
}
