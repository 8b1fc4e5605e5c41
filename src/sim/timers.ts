import type { Timers } from "../world/clock.ts";
import type { Owner, Scheduler } from "./scheduler.ts";

/** Timers of the virtual clock. */
export class SimTimers implements Timers {
  readonly #scheduler: Scheduler;
  readonly #owner: Owner;

  constructor(scheduler: Scheduler, owner: Owner) {
    this.#scheduler = scheduler;
    this.#owner = owner;
  }

  sleep(ms: number, wake?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (wake?.aborted === true) return resolve();
      const scheduler = this.#scheduler;
      const dueUs = scheduler.nowUs + Math.max(0, Math.ceil(ms * 1000));
      const planned = scheduler.at(dueUs, this.#owner, "sleep", () => {
        wake?.removeEventListener("abort", done);
        resolve();
      });
      const done = (): void => {
        planned.cancelled = true;
        wake?.removeEventListener("abort", done);
        resolve();
      };
      wake?.addEventListener("abort", done);
    });
  }
}
