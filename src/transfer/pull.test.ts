import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { newStore } from "../../test/support/store.ts";
import {
  CHUNK,
  content,
  expectClean,
  expectWhole,
  fail,
  fileRemote,
  type Meddling,
  MIB,
  type Run,
  sha256,
  start,
} from "../../test/support/transfer/engine.ts";
import { AprError } from "../base/errors.ts";
import { parseRef } from "../store/ref.ts";
import { readTag } from "../store/tags.ts";
import { nodeTransferWorld } from "../world/node/transfer-world.ts";
import type { ChunkOutcome } from "./source.ts";
import { listTransfers } from "./transfers.ts";

test("a file comes whole, under its tag, with every obligation ended", async () => {
  const { store } = await newStore();
  const bytes = content(9 * MIB + 5);
  const run = start(store, [fileRemote("one", bytes)]);
  expect(await run.pulled).toMatchObject({ tag: "m:1", created: true, resumedBytes: 0, repairs: 0 });
  await expectWhole(store, bytes);
  expectClean(run);
  expect((await start(store, [fileRemote("one", bytes)]).pulled).created).toBe(false);
});

test("an empty file, and one larger than what is hashed in one thread", async () => {
  for (const size of [0, 1, CHUNK, 40 * MIB + 1]) {
    const { store } = await newStore();
    const bytes = content(size);
    await start(store, [fileRemote("one", bytes)]).pulled;
    await expectWhole(store, bytes);
  }
});

test("chunks that fail once come again, by another source where there is one", async () => {
  for (const others of [[], ["two"]]) {
    const { store } = await newStore();
    const bytes = content(12 * MIB);
    const failed = new Set<number>();
    const flaky = fileRemote("one", bytes, {
      chunk: (_, index, honest) => {
        if (failed.has(index)) return honest();
        failed.add(index);
        return Promise.resolve(fail("cut"));
      },
    });
    const run = start(store, [flaky, ...others.map((name) => fileRemote(name, bytes))]);
    await run.pulled;
    await expectWhole(store, bytes);
    expectClean(run);
  }
});

test("a source that always fails ends the pull, and the next run goes on from another source", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  let given = 0;
  const dying = fileRemote("one", bytes, {
    chunk: (_, __, honest) => {
      given += 1;
      return given > 10 ? Promise.resolve(fail("refused")) : honest();
    },
  });
  const first = start(store, [dying]);
  await expect(first.pulled).rejects.toMatchObject({ kind: "network", fields: { code: "cut" } });
  expectClean(first);
  expect(await readTag(store, parseRef("m:1"))).toBe(null);
  const [left] = await listTransfers(nodeTransferWorld, store);
  expect(left).toMatchObject({ tag: "m:1", haveBytes: 10 * CHUNK, totalBytes: 40 * MIB });
  const asked: number[] = [];
  const two = fileRemote("two", bytes, {
    chunk: (_, index, honest) => {
      asked.push(index);
      return honest();
    },
  });
  const second = await start(store, [two]).pulled;
  expect(second.resumedBytes).toBe(10 * CHUNK);
  expect(asked.length).toBe(10);
  await expectWhole(store, bytes);
});

test("without digests of parts, the source that served wrong bytes is found, named and dropped", async () => {
  for (const size of [12 * MIB, 48 * MIB]) {
    const { store } = await newStore();
    const bytes = content(size);
    const liar = fileRemote("liar", bytes, {
      async chunk(request, index, honest) {
        const outcome = await honest();
        if (index === 2) await request.file.writeAt(new Uint8Array(8), request.offsetBytes + 100);
        return outcome;
      },
    });
    const run = start(store, [liar, fileRemote("honest", bytes)]);
    const pulled = await run.pulled;
    await expectWhole(store, bytes);
    expectClean(run);
    const lied = pulled.sources.find(({ name }) => name === "liar");
    if (pulled.repairs > 0) expect(lied?.dropped).toBe("served wrong bytes");
  }
});

test("a single source that always serves wrong bytes is named, and nothing is visible", async () => {
  const { store } = await newStore();
  const run = start(store, [fileRemote("liar", content(12 * MIB), {}, sha256(content(12 * MIB, 2)))]);
  await expect(run.pulled).rejects.toMatchObject({ kind: "malformed", fields: { code: "wrong-bytes" } });
  await expect(run.pulled).rejects.toThrow("liar");
  expect(readdirSync(`${store.root}/blobs`)).toEqual([]);
  expectClean(run);
});

test("a stop drains what is on its way; little is thrown away, much is kept", async () => {
  for (const [size, kept] of [
    [12 * MIB, false],
    [80 * MIB, true],
  ] as const) {
    const { store } = await newStore();
    const bytes = content(size);
    let given = 0;
    const run: Run = start(store, [
      fileRemote("one", bytes, {
        async chunk(_, __, honest) {
          given += 1;
          if (given === (kept ? 20 : 3)) run.stop.abort(new AprError("interrupted", "stopped by SIGINT"));
          return honest();
        },
      }),
    ]);
    await expect(run.pulled).rejects.toMatchObject({ kind: "interrupted" });
    expectClean(run);
    expect((await listTransfers(nodeTransferWorld, store)).length).toBe(kept ? 1 : 0);
    expect(existsSync(`${store.root}/manifests/registry.ollama.ai`)).toBe(false);
    await start(store, [fileRemote("one", bytes)]).pulled;
    await expectWhole(store, bytes);
  }
});

test("a source without ranges gives the whole, also when it is the last one left", async () => {
  const { store } = await newStore();
  const bytes = content(12 * MIB);
  const rangeless: Meddling = { chunk: () => Promise.resolve({ kind: "no-ranges" }) };
  let given = 0;
  const dying = fileRemote("dying", bytes, {
    chunk: (_, __, honest) => {
      given += 1;
      return given > 2 ? Promise.resolve({ ...fail("gone"), retry: "never" } as ChunkOutcome) : honest();
    },
  });
  await start(store, [dying, fileRemote("rangeless", bytes, rangeless)]).pulled;
  await expectWhole(store, bytes);
});

test("a tag with other content is kept, unless it is to be replaced", async () => {
  const { store } = await newStore();
  const [one, two] = [content(MIB, 1), content(MIB, 2)];
  await start(store, [fileRemote("one", one)]).pulled;
  await expect(start(store, [fileRemote("two", two)]).pulled).rejects.toMatchObject({ kind: "exists" });
  await expectWhole(store, one);
  await start(store, [fileRemote("two", two)], { replace: true }).pulled;
  await expectWhole(store, two);
});

test("what came whole and is no model leaves nothing, and is named as the person knows it", async () => {
  const { store } = await newStore();
  const describe = ([file]: readonly { path: string }[]): Promise<never> =>
    Promise.reject(new AprError("malformed", `not a sound model file: ${file?.path ?? ""}: no header`));
  const run = start(store, [fileRemote("one", content(MIB))], { describe });
  await expect(run.pulled).rejects.toMatchObject({
    kind: "malformed",
    message: "not a sound model file: m.gguf: no header",
    fields: { code: "not-a-model" },
  });
  expect(await listTransfers(nodeTransferWorld, store)).toEqual([]);
  expect(await readTag(store, parseRef("m:1"))).toBe(null);
});
