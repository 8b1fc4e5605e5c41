import { expect, test } from "vitest";
import { newStore } from "../../test/support/store.ts";
import {
  content,
  expectClean,
  expectWhole,
  fail,
  fileRemote,
  MIB,
  sha256,
  start,
} from "../../test/support/transfer/engine.ts";
import { AprError } from "../base/errors.ts";
import { readdirSync } from "node:fs";
import { parseRef } from "../store/ref.ts";
import { readTag } from "../store/tags.ts";
import { nodeTransferWorld } from "../world/node/transfer-world.ts";
import type { Remote } from "./remote.ts";
import type { ChunkOutcome } from "./source.ts";

// What is not what it was a moment ago, and what was never what it says.

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

test("two sources change at once: that is one new beginning for each", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  const changing = (name: string): Remote => {
    let given = 0;
    return fileRemote(name, bytes, {
      async chunk(_, __, honest) {
        given += 1;
        if (given < 4) return honest();
        await sleep(20);
        return given < 8 ? { kind: "changed", why: "another ETag" } : honest();
      },
    });
  };
  const run = start(store, [changing("one"), changing("two")]);
  await run.pulled;
  await expectWhole(store, bytes);
  expectClean(run);
});

test("a body of unknown size that comes longer at first is cut to what came at last", async () => {
  const { store } = await newStore();
  const bytes = content(3 * MIB);
  let tries = 0;
  const remote = fileRemote("one", bytes, {
    async whole(request, honest) {
      tries += 1;
      if (tries > 1) return honest();
      await request.file.writeAt(content(5 * MIB, 7), 0);
      return { ...(fail("cut") as ChunkOutcome & { kind: "failed" }) };
    },
  });
  const file = { title: "m.gguf", mediaType: "application/vnd.ollama.image.model", identity: "here" };
  const run = start(store, [
    {
      ...remote,
      resolve: () => Promise.resolve({ kind: "files", files: [{ ...file, sizeBytes: null, digest: null }] }),
      blob: () =>
        remote.blob({ digest: sha256(bytes), sizeBytes: null, title: null }, new AbortController().signal),
    },
  ]);
  await run.pulled;
  expect(tries).toBe(2);
  await expectWhole(store, bytes);
  expectClean(run);
});

function imageRemote(manifest: object): Remote {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...manifest }));
  return {
    name: "image",
    tag: null,
    resolve: () => Promise.resolve({ kind: "image", bytes, expected: sha256(bytes) }),
    blob: () => Promise.resolve(null),
  };
}

test.each<[string, object]>([
  ["a list of manifests", { manifests: [{ mediaType: "x", size: 1, digest: sha256(content(1)) }] }],
  ["no layer", { layers: [] }],
  [
    "two sizes for one blob",
    {
      layers: [4, 8].map((size) => ({ mediaType: "x", size, digest: sha256(content(4)) })),
    },
  ],
])("a manifest with %s is refused, and nothing is left", async (_, manifest) => {
  const { store } = await newStore();
  const run = start(store, [imageRemote(manifest)]);
  await expect(run.pulled).rejects.toMatchObject({ kind: "malformed" });
  expect(readdirSync(`${store.root}/transfers`)).toEqual([]);
  expectClean(run);
});

test("a blob that nobody has: said so, with every source named", async () => {
  const { store } = await newStore();
  const layers = [{ mediaType: "x", size: 4, digest: sha256(content(4)) }];
  const run = start(store, [imageRemote({ layers })]);
  await expect(run.pulled).rejects.toMatchObject({ kind: "network", fields: { code: "no-source" } });
  expect(readdirSync(`${store.root}/transfers`)).toEqual([]);
  expectClean(run);
});

test("a tag that appears meanwhile with other content is kept", async () => {
  const { store, add } = await newStore();
  const bytes = content(4 * MIB);
  const run = start(store, [
    fileRemote("one", bytes, {
      async chunk(_, index, honest) {
        if (index === 0) await add("m:1", content(MIB, 9));
        return honest();
      },
    }),
  ]);
  await expect(run.pulled).rejects.toMatchObject({ kind: "exists" });
  const entry = await readTag(store, parseRef("m:1"));
  expect(entry?.kind === "tag" && entry.image.layers[0]?.digest).toBe(sha256(content(MIB, 9)));
  expectClean(run);
});

test("a liar that another blob has nobody else for is named and stays", async () => {
  const { store } = await newStore();
  const [big, small] = [content(48 * MIB), content(MIB, 3)];
  const files = [
    { title: "a.gguf", mediaType: "x", sizeBytes: big.length, digest: sha256(big), identity: "a" },
    { title: "b.gguf", mediaType: "x", sizeBytes: small.length, digest: sha256(small), identity: "b" },
  ];
  const mayGive = new AbortController();
  const a = fileRemote("liar", big, {
    async chunk(request, index, honest) {
      const outcome = await honest();
      if (index === 2) await request.file.writeAt(new Uint8Array(8), request.offsetBytes + 100);
      return outcome;
    },
  });
  const b = fileRemote("liar-b", small, {
    async chunk(_, __, honest) {
      // After the other blob's chunks have been looked at.
      await nodeTransferWorld.timers.sleep(3000, mayGive.signal);
      return honest();
    },
  });
  const liar: Remote = {
    ...a,
    resolve: () => Promise.resolve({ kind: "files", files }),
    blob: (wanted, signal) => (wanted.digest === sha256(small) ? b : a).blob(wanted, signal),
  };
  const run = start(store, [liar, fileRemote("honest", big)], {
    tell: (news) => {
      if (news.kind === "verified" || news.kind === "repair") mayGive.abort();
    },
  });
  await run.pulled;
  expectClean(run);
}, 20_000);

test("a stop while the manifest is about to be published: nothing of it is visible", async () => {
  const { store } = await newStore();
  const bytes = content(20 * MIB);
  const run: ReturnType<typeof start> = start(store, [fileRemote("one", bytes)], {
    tell: (news) => {
      if (news.kind === "publishing") run.stop.abort(new AprError("interrupted", "stopped by SIGINT"));
    },
  });
  await expect(run.pulled).rejects.toMatchObject({ kind: "interrupted" });
  expect(await readTag(store, parseRef("m:1"))).toBe(null);
  expectClean(run);
  await start(store, [fileRemote("one", bytes)]).pulled;
  await expectWhole(store, bytes);
});
