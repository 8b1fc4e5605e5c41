import type { Clock, Timers } from "../clock.ts";

export const nodeClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

export const nodeTimers: Timers = {
  sleep: (ms, wake) =>
    new Promise((resolve) => {
      if (wake?.aborted === true) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        wake?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      wake?.addEventListener("abort", done);
    }),
};
