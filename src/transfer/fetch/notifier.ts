import type { Timers } from "../../world/clock.ts";

/** Without a reason of its own each abort makes an error with a stack. */
const WOKEN = "woken";

interface Waiting {
  /** Asked at each `notify`: most changes are nothing to most of those who wait. */
  readonly isSo: () => boolean;
  readonly wake: () => void;
}

const ANY_CHANGE = (): boolean => true;

/** Wakes everybody who waits for something to change. */
export class Notifier {
  readonly #waiting = new Set<Waiting>();

  notify(): void {
    for (const waiting of this.#waiting) {
      if (!waiting.isSo()) continue;
      this.#waiting.delete(waiting);
      waiting.wake();
    }
  }

  /**
   * Resolves at the first `notify` at which `isSo` is true, which may not be so any more a turn later.
   * Throws the signal's reason when it is aborted.
   */
  wait(signal: AbortSignal, isSo: () => boolean = ANY_CHANGE): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const wake = (): void => {
        signal.removeEventListener("abort", wake);
        if (!signal.aborted) return resolve();
        this.#waiting.delete(waiting);
        reject(signal.reason as Error);
      };
      const waiting = { isSo, wake };
      this.#waiting.add(waiting);
      signal.addEventListener("abort", wake);
    });
  }

  /** The same for any change, but for at most `ms`. */
  async waitAtMost(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const over = new AbortController();
    const wake = (): void => over.abort(WOKEN);
    const waiting = { isSo: ANY_CHANGE, wake };
    this.#waiting.add(waiting);
    signal.addEventListener("abort", wake);
    await timers.sleep(ms, over.signal);
    this.#waiting.delete(waiting);
    signal.removeEventListener("abort", wake);
    signal.throwIfAborted();
  }
}
