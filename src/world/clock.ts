/** Time as the program sees it. The simulated world has its own. */
export interface Clock {
  /** Milliseconds since some fixed moment, with fractions; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since 1970, for names and logs only. */
  wallMs(): number;
}

export interface Timers {
  /** Resolves after `ms`; resolves early, without error, when `wake` is aborted. */
  sleep(ms: number, wake?: AbortSignal): Promise<void>;
}
