/** Work that several wait for at once: it is begun once, and stopped when the last of them gives up. */
export class Shared<Value> {
  private current: Running<Value> | null = null;

  /** Joins the work that is under way, or begins it. An abort throws the signal's reason. */
  async run(work: (signal: AbortSignal) => Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
    signal?.throwIfAborted();
    const running = this.current ?? this.begin(work);
    running.waiting += 1;
    const left = new AbortController();
    try {
      return await Promise.race([running.result, whenAborted(signal, left.signal)]);
    } finally {
      left.abort();
      running.waiting -= 1;
      if (running.waiting === 0 && !running.settled) await this.stop(running);
    }
  }

  private begin(work: (signal: AbortSignal) => Promise<Value>): Running<Value> {
    const stop = new AbortController();
    const running: Running<Value> = { result: work(stop.signal), stop, waiting: 0, settled: false };
    this.current = running;
    running.over = this.end(running);
    return running;
  }

  private async end(running: Running<Value>): Promise<void> {
    await running.result.catch(() => undefined);
    running.settled = true;
    if (this.current === running) this.current = null;
  }

  /** Nobody wants it any more. It is waited for, so that nothing goes on unseen. */
  private async stop(running: Running<Value>): Promise<void> {
    if (this.current === running) this.current = null;
    running.stop.abort(new Error("nobody waits for it any more"));
    await running.over;
  }
}

interface Running<Value> {
  readonly result: Promise<Value>;
  readonly stop: AbortController;
  over?: Promise<void>;
  waiting: number;
  settled: boolean;
}

/** Rejects when `signal` aborts; stays quiet, and lets go of it, once `left` does. */
function whenAborted(signal: AbortSignal | undefined, left: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal === undefined) return;
    const fail = (): void => {
      const reason: unknown = signal.reason;
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    };
    signal.addEventListener("abort", fail);
    left.addEventListener("abort", () => signal.removeEventListener("abort", fail));
  });
}
