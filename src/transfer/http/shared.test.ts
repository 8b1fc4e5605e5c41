import { expect, test } from "vitest";
import { Shared } from "./shared.ts";

test("work is begun once for all who wait, and anew afterwards", async () => {
  const shared = new Shared<number>();
  let begun = 0;
  const work = (): Promise<number> => Promise.resolve(++begun);
  expect(await Promise.all([1, 2, 3].map(() => shared.run(work, undefined)))).toEqual([1, 1, 1]);
  expect(await shared.run(work, undefined)).toBe(2);
});

test("a failure reaches everybody, and is not kept", async () => {
  const shared = new Shared<number>();
  const bad = (): Promise<number> => Promise.reject(new Error("no"));
  const all = await Promise.allSettled([shared.run(bad, undefined), shared.run(bad, undefined)]);
  expect(all.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await shared.run(() => Promise.resolve(7), undefined)).toBe(7);
});

test("one who gives up leaves the others; the last one stops the work and waits for it", async () => {
  const shared = new Shared<number>();
  const log: string[] = [];
  const work = async (signal: AbortSignal): Promise<number> => {
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve());
    });
    await Promise.resolve();
    log.push("drained");
    throw new Error("stopped");
  };
  const [a, b] = [new AbortController(), new AbortController()];
  const first = shared.run(work, a.signal);
  const second = shared.run(work, b.signal);
  a.abort(new Error("a left"));
  await expect(first).rejects.toThrow("a left");
  expect(log).toEqual([]);
  b.abort(new Error("b left"));
  await expect(second.finally(() => log.push("b told"))).rejects.toThrow("b left");
  expect(log).toEqual(["drained", "b told"]);
});
