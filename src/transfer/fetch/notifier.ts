import type { Timers } from "../../world/clock.ts";

/** Without a reason of its own each abort makes an error with a stack. */
const WOKEN = "woken";

/** Wakes everybody who waits for something to change. */
export class Notifier {
  readonly #waiting = new Set<() => void>();

  notify(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves at the next `notify`; throws the signal's reason when it is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake);
    });
    signal.throwIfAborted();
  }

  /** The same, but for at most `ms`. */
  async waitAtMost(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const over = new AbortController();
    const wake = (): void => over.abort(WOKEN);
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake);
    await timers.sleep(ms, over.signal);
    this.#waiting.delete(wake);
    signal.removeEventListener("abort", wake);
    signal.throwIfAborted();
  }
}
