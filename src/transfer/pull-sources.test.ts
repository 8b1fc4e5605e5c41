import { expect, test } from "vitest";
import { newStore } from "../../test/support/store.ts";
import {
  CHUNK,
  content,
  expectClean,
  expectWhole,
  fail,
  fileRemote,
  MIB,
  partsOf,
  start,
} from "../../test/support/transfer/engine.ts";
import type { ChunkOutcome } from "./source.ts";

// Several sources at once: whatever one of them does, the others go on, and nobody waits for ever.

const never = (code: string): ChunkOutcome => ({
  ...{ kind: "failed", code, why: code, retry: "never", afterMs: null },
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

test("what was hashed before a blob came in one piece does not count for it", async () => {
  const { store } = await newStore();
  const bytes = content(48 * MIB);
  let given = 0;
  const dying = fileRemote("dying", bytes, {
    async chunk(_, index, honest) {
      given += 1;
      if (given < 16 || index < 15) return honest();
      await sleep(300);
      return never("gone");
    },
  });
  let wrong = 0;
  const rangeless = fileRemote("rangeless", bytes, {
    chunk: () => Promise.resolve({ kind: "no-ranges" }),
    async whole(request, honest) {
      const outcome = await honest();
      wrong += 1;
      // Wrong in what the other one had given rightly.
      if (wrong === 1) await request.file.writeAt(new Uint8Array(8), 100);
      return outcome;
    },
  });
  const run = start(store, [dying, rangeless]);
  await run.pulled;
  await expectWhole(store, bytes);
  expect(wrong).toBe(2);
  expectClean(run);
});

test("nobody waits for a source that rests when all has come from the others", async () => {
  const { store } = await newStore();
  const bytes = content(12 * MIB);
  const resting = fileRemote("resting", bytes, {
    chunk: () => Promise.resolve({ ...fail("busy"), afterMs: 120_000 } as ChunkOutcome),
  });
  const run = start(store, [fileRemote("one", bytes), resting]);
  await run.pulled;
  await expectWhole(store, bytes);
  expectClean(run);
}, 20_000);

test("a source that was dropped is not asked again", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  const dead = fileRemote("dead", bytes, { chunk: () => Promise.resolve(fail("refused")) });
  const slow = fileRemote("slow", bytes, {
    async chunk(_, __, honest) {
      await sleep(300);
      return honest();
    },
  });
  const run = start(store, [dead, slow], { options: { retries: 1, stallMs: 5000 } });
  const { sources } = await run.pulled;
  expect(sources.map(({ dropped }) => dropped === null)).toEqual([false, true]);
  expectClean(run);
});

test("a source that cannot take part in a race is asked once, not again and again", async () => {
  for (const outcome of [never("auth"), { kind: "no-ranges" } as const]) {
    const { store } = await newStore();
    const bytes = content(12 * MIB);
    let asked = 0;
    let slowed = false;
    const quick = fileRemote("quick", bytes, {
      chunk: (_, __, honest) => {
        asked += 1;
        return asked <= 3 ? honest() : Promise.resolve(outcome);
      },
    });
    const slow = fileRemote("slow", bytes, {
      async chunk(_, __, honest) {
        if (!slowed) {
          slowed = true;
          await sleep(1500);
        }
        return honest();
      },
    });
    const run = start(store, [quick, slow]);
    await run.pulled;
    await expectWhole(store, bytes);
    expectClean(run);
    // Each of its four workers may ask once before the answer is known.
    expect(asked).toBeLessThanOrEqual(7);
  }
});

test("a bad chunk comes again from the source that gave it when the other one has no ranges", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  let spoilt = false;
  const once = fileRemote("once", bytes, {
    parts: partsOf(bytes),
    async chunk(request, index, honest) {
      const outcome = await honest();
      if (index === 3 && !spoilt) {
        spoilt = true;
        await request.file.writeAt(new Uint8Array(8), request.offsetBytes + 5);
      }
      return outcome;
    },
  });
  const rangeless = fileRemote("rangeless", bytes, { chunk: () => Promise.resolve({ kind: "no-ranges" }) });
  const run = start(store, [once, rangeless]);
  expect((await run.pulled).repairs).toBe(1);
  await expectWhole(store, bytes);
  expectClean(run);
}, 20_000);

test("two liars, and a third source that is honest", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  const liar = (name: string, value: number): ReturnType<typeof fileRemote> =>
    fileRemote(name, bytes, {
      parts: partsOf(bytes),
      async chunk(request, _, honest) {
        const outcome = await honest();
        await request.file.writeAt(new Uint8Array(8).fill(value), request.offsetBytes + 5);
        return outcome;
      },
    });
  const honest = fileRemote("honest", bytes, {
    async chunk(_, __, give) {
      await sleep(50);
      return give();
    },
  });
  const run = start(store, [liar("one", 1), liar("two", 2), honest]);
  await run.pulled;
  await expectWhole(store, bytes);
  expectClean(run);
}, 30_000);

test("a part that is wrong, and no source left to ask for it again", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  let given = 0;
  const liar = fileRemote("liar", bytes, {
    parts: partsOf(bytes),
    async chunk(request, index, honest) {
      given += 1;
      if (given > (40 * MIB) / CHUNK) return never("gone");
      const outcome = await honest();
      if (index === 4) await request.file.writeAt(new Uint8Array(8), request.offsetBytes + 5);
      return outcome;
    },
  });
  const run = start(store, [liar]);
  await expect(run.pulled).rejects.toMatchObject({ kind: "network", fields: { code: "gone" } });
  expectClean(run);
}, 20_000);
