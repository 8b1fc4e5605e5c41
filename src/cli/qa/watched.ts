import { AprError } from "../../base/errors.ts";
import { onStopSignal } from "../../world/node/signals.ts";
import { isTerminal } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext } from "../context.ts";
import { progress } from "../progress.ts";

/** A terminal need not show a hundred lines a second. */
const STEP_MS = 100;

/**
 * Runs work with its progress on a terminal; Ctrl-C ends it, and it leaves nothing behind. Work of `few` steps shows
 * each of them, in a log as well.
 */
export async function watched<T>(
  context: AprContext,
  work: (abort: AbortSignal, listener: { step(text: string): void }) => Promise<T>,
  steps: "many" | "few" = "many",
): Promise<T> {
  const abort = new AbortController();
  let stoppedBy: string | undefined;
  const off = onStopSignal((name) => {
    stoppedBy ??= name;
    abort.abort();
  });
  const terminal = isTerminal(2);
  const line = progress(context, terminal);
  const show = (text: string): void => line.step(text);
  const sparingly = terminal ? sparing(show) : () => undefined;
  try {
    return await work(abort.signal, { step: steps === "few" ? show : sparingly });
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
