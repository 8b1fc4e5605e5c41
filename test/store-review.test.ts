import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";
import { findBlob } from "../src/store/blobs.ts";
import { copyTag } from "../src/store/copy-tag.ts";
import { digestOf } from "../src/store/digest.ts";
import { collect } from "../src/store/gc.ts";
import { importModel } from "../src/store/import.ts";
import { blobPath, manifestPath, manifestV2Path } from "../src/store/layout.ts";
import { listTags } from "../src/store/list.ts";
import { blobsOf } from "../src/store/manifest.ts";
import { publishManifest } from "../src/store/publish.ts";
import { parseRef } from "../src/store/ref.ts";
import { removeTag } from "../src/store/remove-tag.ts";
import { findModel } from "../src/store/sources.ts";
import { type Store } from "../src/store/store.ts";
import { readTag } from "../src/store/tags.ts";
import { verifyStore } from "../src/store/verify.ts";
import { withWork } from "../src/store/work.ts";
import { nodeStoreWorld } from "../src/world/node/store-world.ts";
import { newStore } from "./support/store.ts";
import { A, B, DEAD_WORK, MODEL, meddle, tagOf, withModel } from "./support/meddle.ts";

test("a publisher that was killed just after its link hides its tag neither from ls nor from gc", async () => {
  const { store } = await withModel();
  mkdirSync(`${store.root}/ingest/${DEAD_WORK}`);
  linkSync(manifestPath(store.root, A), `${store.root}/ingest/${DEAD_WORK}/manifest`);
  expect(await listTags(store)).toMatchObject([{ kind: "tag" }]);
  expect(await collect(store)).toMatchObject({ kind: "collected", blobs: [], works: 1 });
  mkdirSync(`${store.root}/quarantine/work-${DEAD_WORK}.0123456789abcdef`);
  linkSync(
    manifestPath(store.root, A),
    `${store.root}/quarantine/work-${DEAD_WORK}.0123456789abcdef/manifest`,
  );
  expect(await listTags(store)).toMatchObject([{ kind: "tag" }]);
  expect(await collect(store)).toMatchObject({ kind: "collected", blobs: [] });
  expect(readdirSync(`${store.root}/quarantine`)).toEqual([]);
});

test("gc loses nothing, whatever happens at any of its moves and removals", async () => {
  for (let at = 0; at < 12; at++) {
    const { store, add } = await withModel();
    await add("old", "other");
    await removeTag(store, parseRef("old"));
    // Named by nothing at first; a copy of `a` is then made, and `a` removed, in the middle of it.
    let calls = 0;
    const disturb = async (): Promise<void> => {
      if (calls++ !== at) return;
      await copyTag(store, A, B);
      await removeTag(store, A);
      await collect(store);
    };
    const disturbed = meddle(store, (files) => ({
      move: async (from, to) => {
        await disturb();
        return files.move(from, to);
      },
      unlink: async (path) => {
        await disturb();
        return files.unlink(path);
      },
    }));
    await collect(disturbed);
    expect((await verifyStore(store)).problems).toEqual([]);
    await collect(store);
    expect(readdirSync(`${store.root}/blobs`)).toHaveLength(2);
    expect(readdirSync(`${store.root}/quarantine`)).toEqual([]);
  }
});

test("gc that dies at any of its moves and removals leaves what the next one mends", async () => {
  for (let at = 0; at < 8; at++) {
    const { store, add } = await withModel();
    await add("old", "other");
    await removeTag(store, parseRef("old"));
    mkdirSync(`${store.root}/ingest/${DEAD_WORK}`);
    let calls = 0;
    const dies = (): void => {
      if (calls++ >= at) throw new Error("dead");
    };
    const dying = meddle(store, (files) => ({
      move: async (from, to) => {
        dies();
        return files.move(from, to);
      },
      unlink: async (path) => {
        dies();
        return files.unlink(path);
      },
      remove: async (path) => {
        dies();
        return files.remove(path);
      },
    }));
    await collect(dying).catch(() => undefined);
    const planned = await collect(store, { dryRun: true });
    expect(await collect(store)).toMatchObject({
      kind: "collected",
      blobs: planned.kind === "refused" ? [] : planned.blobs,
    });
    expect((await verifyStore(store)).problems).toEqual([]);
    expect(readdirSync(`${store.root}/blobs`)).toHaveLength(2);
    expect([...readdirSync(`${store.root}/quarantine`), ...readdirSync(`${store.root}/ingest`)]).toEqual([]);
  }
});

test("a failed import that cleans up leaves other collectors' blobs alone", async () => {
  const { store, folder } = await withModel();
  const left = `${store.root}/quarantine/sha256-${"0".repeat(64)}.0123456789abcdef`;
  writeFileSync(left, "x");
  await expect(
    importModel(store, {
      ref: B,
      source: { kind: "stream", chunks: chunks("junk") },
      describe: () => Promise.reject(new Error("no model")),
    }),
  ).rejects.toThrow("no model");
  expect(await collect(store, { only: [MODEL] })).toMatchObject({ blobs: [] });
  expect(existsSync(left)).toBe(true);
  expect(existsSync(folder)).toBe(true);
});

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(new TextEncoder().encode(text));
}

test("of two that publish the same, one may give up, and the other's success stays true", async () => {
  const { store } = await withModel();
  const { bytes, image, named } = await tagOf(store);
  const publish = (by: Store, signal?: AbortSignal): Promise<string> =>
    withWork(by, async (work) => {
      await work.name(named);
      return publishManifest(by, work, B, bytes, blobsOf(image), { signal });
    });
  const stop = new AbortController();
  let other = "";
  const slow = meddle(store, (files) => ({
    async syncFolder(path) {
      await files.syncFolder(path);
      if (!path.endsWith("/b") || other !== "") return;
      other = await publish(store);
      stop.abort(new Error("stopped"));
    },
  }));
  await expect(publish(slow, stop.signal)).rejects.toThrow("stopped");
  expect(other).toBe("same");
  expect(await readTag(store, B)).toMatchObject({ kind: "tag" });
  expect(statSync(manifestPath(store.root, B)).nlink).toBe(1);
});

test("rm at the very moment of a publication is no failure of it", async () => {
  const { store } = await withModel();
  const racing = meddle(store, (files) => ({
    async link(from, to) {
      const outcome = await files.link(from, to);
      await removeTag(store, B);
      return outcome;
    },
  }));
  await copyTag(racing, A, B);
  expect(await readTag(store, B)).toBeNull();
});

test("the work and its renewal write one lease after the other", async () => {
  const { store } = await withModel();
  const slow = meddle(store, (files) => ({
    async write(path, data, mode) {
      await files.write(path, data, mode);
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
  }));
  await withWork(slow, async (work) => {
    await Promise.all([work.name([MODEL]), work.name([MODEL]), work.name([])]);
  });
});

test("Ollama's links to manifest blobs, and lists, keep what they name through a gc that was killed", async () => {
  const { store, add } = await withModel();
  const { bytes, image } = await tagOf(store);
  const child = (await add("child", JSON.stringify({ some: "file" }))).digest;
  await removeTag(store, parseRef("child"));
  const inner = put(store, bytes);
  const list = put(
    store,
    Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ digest: inner, size: bytes.length }] })),
  );
  await removeTag(store, A);
  const path = manifestV2Path(store.root, B);
  mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  symlinkSync(`../../../../blobs/${list.replace(":", "-")}`, path);
  expect(await collect(store)).toMatchObject({ kind: "collected" });
  for (const digest of [inner, list]) {
    const name = digest.replace(":", "-");
    renameSync(`${store.root}/blobs/${name}`, `${store.root}/quarantine/${name}.0123456789abcdef`);
  }
  expect(await collect(store)).toMatchObject({ kind: "collected", blobs: [] });
  expect(await tagOf(store, B)).toMatchObject({ form: "v2", image });
  expect(readdirSync(`${store.root}/blobs`)).toHaveLength(4);
  expect(await findBlob(store, child)).toBeNull();
  expect(readlinkSync(path)).toContain(list.slice(7));
});

function put(store: Store, bytes: Uint8Array): ReturnType<typeof digestOf> {
  const hasher = store.world.hash.sha256();
  hasher.update(bytes);
  const digest = digestOf(hasher.hex());
  writeFileSync(blobPath(store.root, digest), bytes);
  return digest;
}

test("dead work that may not be moved keeps its blobs, and stops nothing else", async () => {
  const { store, add } = await withModel();
  await add("old", "other");
  await removeTag(store, parseRef("old"));
  await removeTag(store, A);
  mkdirSync(`${store.root}/ingest/${DEAD_WORK}`);
  const lease = { holder: { host: "x", pid: 1 }, expiresMs: 0, digests: [MODEL] };
  writeFileSync(`${store.root}/ingest/${DEAD_WORK}/lease`, JSON.stringify(lease));
  const denied = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
  const foreign = meddle(store, (files) => ({
    move: (from, to) => (from.includes("/ingest/") ? Promise.reject(denied) : files.move(from, to)),
  }));
  expect(await collect(foreign)).toMatchObject({ kind: "collected", works: 0 });
  expect(await findBlob(store, MODEL)).not.toBeNull();
});

test("eight imports of one model at once all succeed, with one blob and one tag", async () => {
  const { store, folder, add } = await newStore();
  await add("seed", "other");
  writeFileSync(`${folder}/m.gguf`, "model");
  const { parts } = await findModel(nodeStoreWorld, `${folder}/m.gguf`);
  const describe = (): Promise<never> => Promise.resolve({ format: null } as never);
  const bring = async (): Promise<boolean> =>
    (await importModel(store, { ref: A, source: { kind: "files", parts }, describe })).created;
  const created = await Promise.all(Array.from({ length: 8 }, bring));
  expect(created.filter(Boolean)).toHaveLength(1);
  expect(readdirSync(`${store.root}/ingest`)).toEqual([]);
  expect((await verifyStore(store)).problems).toEqual([]);
});
