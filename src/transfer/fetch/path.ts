import type { SourceFailure } from "../source.ts";
import { FIRST_BACKOFF_MS, MAX_BACKOFF_MS, MAX_RETRY_AFTER_MS, MIN_TIMED_BYTES } from "../limits.ts";
import type { Transfer } from "../transfer.ts";

/** One remote as the engine sees it: how it does, and whether it is asked at all. */
export class Path {
  readonly name: string;
  readonly workers: number;
  /** Why it is not asked any more; null while it is. */
  down: string | null = null;
  /** It was given up for wrong bytes, not for being out of reach. */
  liar = false;
  receivedBytes = 0;
  lastFailure: SourceFailure | null = null;
  #failures = 0;
  #pausedUntilMs = 0;
  #usualMs: number | null = null;
  readonly #transfer: Transfer;

  constructor(transfer: Transfer, name: string, workers: number) {
    this.#transfer = transfer;
    this.name = name;
    this.workers = workers;
  }

  /** How long a chunk usually takes; null before the first. */
  get usualMs(): number | null {
    return this.#usualMs;
  }

  /** `tookMs` is null where it says nothing about the path's usual time, as few bytes do not either. */
  succeeded(tookMs: number | null, bytes = 0): void {
    this.#failures = 0;
    if (tookMs === null || bytes < MIN_TIMED_BYTES) return;
    this.#usualMs = this.#usualMs === null ? tookMs : this.#usualMs * 0.8 + tookMs * 0.2;
  }

  /** Counts a failure: the path rests for a while, or is given up. */
  failed(failure: SourceFailure): void {
    const { clock, random } = this.#transfer.world;
    this.lastFailure = failure;
    const patience = failure.afterMs ?? 0;
    const nowMs = clock.monotonicMs();
    if (nowMs < this.#pausedUntilMs && patience < MAX_RETRY_AFTER_MS) {
      // Its workers fail together: those who were on their way when it began to rest count once.
      this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + patience);
      return;
    }
    this.#failures += 1;
    if (this.#failures > this.#transfer.options.retries || patience >= MAX_RETRY_AFTER_MS) {
      this.drop(`${failure.why}, ${this.#failures} times in a row`, false);
      return;
    }
    const spread = 0.5 + (random.bytes(1)[0] ?? 0) / 512;
    const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (this.#failures - 1)) * spread;
    const inMs = Math.round(Math.max(patience, backoffMs));
    this.#pausedUntilMs = nowMs + inMs;
    this.#transfer.tell({ kind: "retry", source: this.name, why: failure.why, inMs });
  }

  /** It is not asked again. */
  drop(why: string, liar: boolean): void {
    if (this.down !== null) return;
    this.down = why;
    this.liar = liar;
    this.#transfer.emit("path_dropped", { path: this.name, why });
    this.#transfer.tell({ kind: "dropped", source: this.name, why });
  }

  /** How long it still rests; 0 when it does not. */
  get restMs(): number {
    return Math.max(0, this.#pausedUntilMs - this.#transfer.world.clock.monotonicMs());
  }

  /** Waits while it rests. */
  async rested(signal: AbortSignal): Promise<void> {
    for (let waitMs = this.restMs; waitMs > 0 && this.down === null; waitMs = this.restMs) {
      await this.#transfer.world.timers.sleep(waitMs, signal);
      signal.throwIfAborted();
    }
  }
}
