import type { Store } from "../../store/store.ts";
import { type Work, withWork } from "../../store/work.ts";

/** Work that lasts longer than one request. */
export interface KeptWork {
  readonly work: Work;
  /** Clears it away, with everything in its folder. */
  end(): Promise<void>;
}

/** Begins work under a lease that is renewed until `end` is called. */
export function keepWork(store: Store): Promise<KeptWork> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const running = withWork(store, async (work) => {
      const ended = new Promise<void>((end) =>
        over.signal.addEventListener("abort", () => end(), { once: true }),
      );
      resolve({
        work,
        async end() {
          over.abort();
          await running;
        },
      });
      await ended;
    });
    running.catch(reject);
  });
}
