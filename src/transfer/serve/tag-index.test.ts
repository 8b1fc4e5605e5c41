import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newStore } from "../../../test/support/store.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import { type Digest, digestOf } from "../../store/digest.ts";
import { blobPath, manifestPath } from "../../store/layout.ts";
import { LOCAL, parseRef } from "../../store/ref.ts";
import type { StoreWorld } from "../../store/store.ts";
import { TagIndex } from "./tag-index.ts";

const M = { ...LOCAL, name: "m" };
const sha = (content: string | Buffer): Digest =>
  digestOf(createHash("sha256").update(content).digest("hex"));

/** The real disk, with a count of the manifests that are read. */
function counted(): { world: StoreWorld; reads: () => number } {
  let reads = 0;
  const files: StoreWorld["files"] = Object.create(nodeStoreWorld.files) as StoreWorld["files"];
  Object.assign(files, {
    readSmall: (path: string, maxBytes: number) => {
      reads += 1;
      return nodeStoreWorld.files.readSmall(path, maxBytes);
    },
  });
  return { world: { ...nodeStoreWorld, files }, reads: () => reads };
}

test("a blob that is asked for again and again has its tag read once", async () => {
  const { world, reads } = counted();
  const { store, add } = await newStore(world);
  for (let tag = 0; tag < 20; tag++) await add(`m:${tag}`, `content ${tag}`);
  const index = new TagIndex(store);
  const before = reads();
  const many = Array.from({ length: 50 }, () => index.namesBlob(M, sha("content 19")));
  expect(new Set(await Promise.all(many))).toEqual(new Set([true]));
  expect(reads() - before).toBeLessThanOrEqual(20);
  const after = reads();
  for (let again = 0; again < 50; again++) expect(await index.namesBlob(M, sha("content 19"))).toBe(true);
  expect(await index.namesBlob(M, sha("content 7"))).toBe(true);
  expect(await index.namesBlob(M, sha("nothing"))).toBe(false);
  expect(reads() - after).toBeLessThanOrEqual(20);
});

test("a tag that was rewritten, removed or made is seen at once", async () => {
  const { store, add } = await newStore();
  await add("m:1", "one");
  const index = new TagIndex(store);
  expect(await index.namesBlob(M, sha("one"))).toBe(true);
  const path = manifestPath(store.root, parseRef("m:1"));
  // In place, as Ollama writes them, and of the same length.
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replaceAll(sha("one"), sha("two")));
  utimesSync(path, 1, 1);
  expect(await index.namesBlob(M, sha("one"))).toBe(false);
  expect(await index.namesBlob(M, sha("two"))).toBe(true);
  expect(await index.tagOfManifest(M, sha(readFileSync(path)))).toBe("1");
  rmSync(path);
  expect(await index.namesBlob(M, sha("two"))).toBe(false);
  await add("m:2", "three");
  expect(await index.namesBlob(M, sha("three"))).toBe(true);
  writeFileSync(path, "not a manifest");
  expect(await index.namesBlob(M, sha("two"))).toBe(false);
  expect((await index.tags(M)).sort()).toEqual(["1", "2"]);
});

test("newer Ollama's links and lists of manifests name what they name", async () => {
  const { store, add } = await newStore();
  await add("m:1", "model");
  const path = manifestPath(store.root, parseRef("m:1"));
  const inner = readFileSync(path);
  writeFileSync(blobPath(store.root, sha(inner)), inner);
  const type = "application/vnd.ollama.manifest.list.v2+json";
  const manifests = [{ mediaType: "", digest: sha(inner), size: inner.length }];
  const list = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests }));
  writeFileSync(blobPath(store.root, sha(list)), list);
  const folder = `${store.root}/manifests-v2/${LOCAL.host}/${LOCAL.namespace}/m`;
  mkdirSync(folder, { recursive: true });
  symlinkSync(`../../../../blobs/${sha(list).replace(":", "-")}`, `${folder}/v2`);
  rmSync(path);
  const index = new TagIndex(store);
  expect(await index.tagOfManifest(M, sha(list))).toBe("v2");
  expect(await index.tagOfManifest(M, sha(inner))).toBe("v2");
  expect(await index.tagOfManifest(M, sha("model"))).toBeNull();
  expect(await index.namesBlob(M, sha("model"))).toBe(true);
});
