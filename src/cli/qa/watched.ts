import { AprError } from "../../base/errors.ts";
import { onStopSignal } from "../../world/node/signals.ts";
import { isTerminal } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext } from "../context.ts";
import { progress } from "../progress.ts";

/** A terminal need not show a hundred lines a second. */
const STEP_MS = 100;

/** Runs work with its progress on a terminal; Ctrl-C ends it, and it leaves nothing behind. */
export async function watched<T>(
  context: AprContext,
  work: (abort: AbortSignal, listener: { step(text: string): void }) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let stoppedBy: string | undefined;
  const off = onStopSignal((name) => {
    stoppedBy ??= name;
    abort.abort();
  });
  const terminal = isTerminal(2);
  const line = progress(context, terminal);
  try {
    return await work(abort.signal, {
      step: terminal ? sparing((text) => line.step(text)) : () => undefined,
    });
  } catch (error) {
    if (stoppedBy === undefined) throw error;
    throw new AprError(
      stoppedBy === "SIGTERM" ? "terminated" : "interrupted",
      `stopped by ${stoppedBy}; nothing was left behind`,
    );
  } finally {
    line.done();
    off();
  }
}

function sparing(show: (text: string) => void): (text: string) => void {
  let last = -STEP_MS;
  return (text) => {
    const now = nodeWorld.clock.monotonicMs();
    if (now - last < STEP_MS) return;
    last = now;
    show(text);
  };
}
