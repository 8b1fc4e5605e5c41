/** What may be saved up while nobody reads: 20 ms of the rate. */
const BURST_S = 0.02;

/** Lets so many bytes a second pass in total, whoever takes them, first come first served. */
export class TokenBucket {
  readonly #bytesPerMs: number;
  /** When all that was promised so far is paid for. */
  #paidUntilMs = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** Resolves when these bytes may go out. */
  async take(bytes: number): Promise<void> {
    const nowMs = performance.now();
    const startMs = Math.max(this.#paidUntilMs, nowMs - BURST_S * 1000);
    this.#paidUntilMs = startMs + bytes / this.#bytesPerMs;
    const waitMs = this.#paidUntilMs - nowMs;
    // Timers wake a millisecond late: short waits add up to the same by the next take.
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
