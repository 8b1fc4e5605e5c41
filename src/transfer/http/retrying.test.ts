import { expect, test } from "vitest";
import { NetError } from "../../world/net.ts";
import { backoffMs, retrying, type RetryPolicy } from "./retrying.ts";

// A world whose sleeps end at once, and are written down.
function world() {
  const slept: number[] = [];
  return {
    slept,
    random: { bytes: (count: number) => new Uint8Array(count).fill(128) },
    timers: {
      sleep: (ms: number) => {
        slept.push(ms);
        return Promise.resolve();
      },
    },
    clock: { wallMs: () => 0, monotonicMs: () => 0 },
  };
}

const policy = (more: Partial<RetryPolicy> = {}): RetryPolicy => ({
  signal: new AbortController().signal,
  ...more,
});

test("asks again with growing waits, at most so often, and gives the last answer", async () => {
  const here = world();
  let asked = 0;
  const answer = await retrying(here, policy(), () =>
    Promise.resolve({ status: asked++ < 0 ? 200 : 500, headers: {} }),
  );
  expect(answer.status).toBe(500);
  expect(asked).toBe(5);
  expect(here.slept).toHaveLength(4);
  for (const [at, ms] of here.slept.entries()) {
    expect(ms).toBeGreaterThanOrEqual(250 * 2 ** at);
    expect(ms).toBeLessThanOrEqual(500 * 2 ** at);
  }
});

test("waits as long as it was asked to", async () => {
  const here = world();
  const answers = [
    { status: 429, headers: { "retry-after": "7" } },
    { status: 200, headers: {} },
  ];
  await retrying(here, policy(), () => Promise.resolve(answers.shift()!));
  expect(here.slept).toEqual([7000]);
});

test("never again for an answer or error that stays", async () => {
  const here = world();
  expect((await retrying(here, policy(), () => Promise.resolve({ status: 404, headers: {} }))).status).toBe(
    404,
  );
  const tls = retrying(here, policy(), () => Promise.reject(new NetError("tls", "h:1", "bad")));
  await expect(tls).rejects.toMatchObject({ kind: "network", fields: { code: "tls" } });
  const bug = retrying(here, policy(), () => Promise.reject(new TypeError("bug")));
  await expect(bug).rejects.toThrow("bug");
  expect(here.slept).toEqual([]);
});

test("errors that pass are tried again, and the last one is for a person", async () => {
  const here = world();
  const cut = retrying(here, policy({ tries: 3 }), () => Promise.reject(new NetError("cut", "h:1", "gone")));
  await expect(cut).rejects.toMatchObject({ kind: "network", fields: { code: "cut", host: "h:1" } });
  expect(here.slept).toHaveLength(2);
});

test("an abort ends it with the signal's reason", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  const here = world();
  const work = retrying(here, policy({ signal: stop.signal }), () => {
    stop.abort(reason);
    return Promise.reject(new NetError("cut", "h:1", "gone"));
  });
  await expect(work).rejects.toBe(reason);
});

test("the wait is bounded, whatever the attempt", () => {
  const random = { bytes: () => new Uint8Array([255, 255]) };
  expect(backoffMs(random, 1, {})).toBe(500);
  expect(backoffMs(random, 1000, {})).toBe(15_000);
});
