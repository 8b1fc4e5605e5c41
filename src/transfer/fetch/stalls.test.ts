import { expect, test } from "vitest";
import { Stalls } from "./stalls.ts";

/** A clock that goes on when told to, and wakes whoever slept until then. */
function handClock(): {
  clock: { monotonicMs(): number; wallMs(): number };
  timers: { sleep(ms: number, wake?: AbortSignal): Promise<void> };
  goTo: (ms: number) => Promise<void>;
  asked: number[];
} {
  let nowMs = 0;
  const asked: number[] = [];
  const sleeping = new Set<{ readonly dueMs: number; readonly wake: () => void }>();
  return {
    asked,
    clock: { monotonicMs: () => nowMs, wallMs: () => nowMs },
    timers: {
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          asked.push(ms);
          const each = { dueMs: nowMs + ms, wake: resolve };
          sleeping.add(each);
          signal?.addEventListener("abort", () => resolve());
        }),
    },
    async goTo(ms) {
      nowMs = ms;
      for (const each of sleeping) {
        if (each.dueMs > ms) continue;
        sleeping.delete(each);
        each.wake();
      }
      await new Promise(setImmediate);
    },
  };
}

test("what does not come on is stopped after one stall time, what does is looked at again", async () => {
  const { asked, clock, goTo, timers } = handClock();
  const stalls = new Stalls({ clock, timers }, 100);
  const [still, moving, left] = [new AbortController(), new AbortController(), new AbortController()];
  stalls.watch(still);
  await goTo(30);
  const came = stalls.watch(moving);
  stalls.leave(stalls.watch(left));
  came.bytes += 5000;
  await goTo(99);
  expect(still.signal.aborted).toBe(false);
  await goTo(100);
  expect(still.signal.reason).toMatchObject({ name: "Stalled" });
  await goTo(130);
  expect(moving.signal.aborted).toBe(false);
  await goTo(229);
  expect(moving.signal.aborted).toBe(false);
  // Nothing has come since it was looked at.
  await goTo(230);
  expect(moving.signal.reason).toMatchObject({ name: "Stalled" });
  expect(left.signal.aborted).toBe(false);
  // One timer at a time for all of them.
  expect(asked).toEqual([100, 30, 100]);
  await stalls.close();
});

test("when nothing is left to watch it ends, and begins again with the next one", async () => {
  const { clock, goTo, timers } = handClock();
  const stalls = new Stalls({ clock, timers }, 100);
  stalls.leave(stalls.watch(new AbortController()));
  await goTo(100);
  await goTo(1000);
  const late = new AbortController();
  stalls.watch(late);
  await goTo(1099);
  expect(late.signal.aborted).toBe(false);
  await goTo(1100);
  expect(late.signal.aborted).toBe(true);
  await stalls.close();
});

test("closing waits for nothing and stops nobody", async () => {
  const { clock, timers } = handClock();
  const stalls = new Stalls({ clock, timers }, 100);
  const stop = new AbortController();
  stalls.watch(stop);
  await stalls.close();
  expect(stop.signal.aborted).toBe(false);
});
