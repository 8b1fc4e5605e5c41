import type { Timers, Clock } from "../../world/clock.ts";
import { MIN_PROGRESS_BYTES } from "../limits.ts";

/** Why an attempt was stopped: too little came. */
export class Stalled extends Error {
  override readonly name = "Stalled";
}

/** Something that must come on. */
export interface Watched {
  /** Since it was looked at last. */
  bytes: number;
  lookAtMs: number;
  readonly stop: AbortController;
}

/** Without a reason of its own each abort makes an error with a stack. */
const OVER = "over";

/**
 * Looks after every attempt once in each stall time, and stops those that do not come on. One timer serves all of
 * them: a timer for each chunk costs more than the rest of its bookkeeping.
 */
export class Stalls {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #stallMs: number;
  /** Whose turn comes first is first. */
  readonly #watched = new Set<Watched>();
  readonly #over = new AbortController();
  #looking: Promise<void> | null = null;

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }, stallMs: number) {
    this.#clock = clock;
    this.#timers = timers;
    this.#stallMs = stallMs;
  }

  watch(stop: AbortController): Watched {
    const watched = { bytes: 0, lookAtMs: this.#clock.monotonicMs() + this.#stallMs, stop };
    this.#watched.add(watched);
    this.#looking ??= this.#look();
    return watched;
  }

  leave(watched: Watched): void {
    this.#watched.delete(watched);
  }

  /** Nothing is watched any more when this has settled. */
  async close(): Promise<void> {
    this.#over.abort(OVER);
    await this.#looking;
  }

  /** Goes on as long as there is something to watch. */
  async #look(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      const nowMs = this.#clock.monotonicMs();
      this.#lookAtDue(nowMs);
      const [first] = this.#watched;
      if (first === undefined) break;
      await this.#timers.sleep(first.lookAtMs - nowMs, signal);
    }
    this.#looking = null;
  }

  #lookAtDue(nowMs: number): void {
    for (const watched of this.#watched) {
      if (watched.lookAtMs > nowMs) return;
      this.#watched.delete(watched);
      if (watched.bytes < MIN_PROGRESS_BYTES) {
        watched.stop.abort(new Stalled());
        continue;
      }
      watched.bytes = 0;
      watched.lookAtMs = nowMs + this.#stallMs;
      this.#watched.add(watched);
    }
  }
}
