import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newStore } from "../../test/support/store.ts";
import { nodeStoreWorld } from "../world/node/store-world.ts";
import { findBlob } from "./blobs.ts";
import { copyTag } from "./copy-tag.ts";
import { digestOf } from "./digest.ts";
import { collect } from "./gc.ts";
import { ingestBytes } from "./ingest.ts";
import { blobPath, manifestPath } from "./layout.ts";
import { blobsOf } from "./manifest.ts";
import { publishManifest } from "./publish.ts";
import { parseRef } from "./ref.ts";
import { removeTag } from "./remove-tag.ts";
import { readTag } from "./tags.ts";
import { verifyStore } from "./verify.ts";
import { LEASE_MS, withWork } from "./work.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("what no tag names is freed, what one names stays", async () => {
  const { store, add } = await newStore();
  await add("a", "first");
  await add("b", "second");
  await copyTag(store, parseRef("a"), parseRef("c"));
  await removeTag(store, parseRef("a"));
  await removeTag(store, parseRef("b"));
  const dry = await collect(store, { dryRun: true });
  const done = await collect(store);
  expect(dry).toEqual(done);
  expect(done).toMatchObject({ kind: "collected", freedBytes: 6 + 259, works: 0 });
  expect((await verifyStore(store)).problems).toEqual([]);
  expect(readdirSync(`${store.root}/quarantine`)).toEqual([]);
});

test("a lease keeps blobs that nothing else names", async () => {
  const { store } = await newStore();
  await withWork(store, async (work) => {
    const { digest } = await ingestBytes(store, work, bytes("in progress"));
    expect(await collect(store)).toMatchObject({ kind: "collected", blobs: [] });
    expect(await findBlob(store, digest)).not.toBeNull();
  });
  expect(await collect(store)).toMatchObject({ freedBytes: 11 });
});

test("once a lease is broken, its work can publish nothing", async () => {
  const { store, add } = await newStore();
  await add("a", "model");
  const entry = await readTag(store, parseRef("a"));
  if (entry?.kind !== "tag") throw new Error("no tag");
  let nowMs = nodeStoreWorld.clock.wallMs();
  const later = {
    ...store,
    world: { ...nodeStoreWorld, clock: { ...nodeStoreWorld.clock, wallMs: () => nowMs } },
  };
  const publishing = withWork(store, async (work) => {
    await work.name(entry.named);
    // The machine sleeps for longer than a lease holds; somebody removes the tag and collects.
    nowMs += LEASE_MS + 60_000;
    await removeTag(store, parseRef("a"));
    expect(await collect(later)).toMatchObject({ kind: "collected", works: 1, blobs: [{}, {}] });
    await publishManifest(store, work, parseRef("b"), entry.bytes, blobsOf(entry.image));
  });
  await expect(publishing).rejects.toMatchObject({ fields: { code: "lease-lost" } });
  expect(await readTag(store, parseRef("b"))).toBeNull();
});

test("work of a process that has ended is cleared away at once", async () => {
  const { store } = await newStore();
  const host = nodeStoreWorld.host.name.replace(/[^A-Za-z0-9-]/g, "-");
  // No process can have this id: it is above the kernel's own limit.
  mkdirSync(`${store.root}/ingest/${host}.4194305.aaaaaaaaaaaa`);
  mkdirSync(`${store.root}/ingest/elsewhere.1.bbbbbbbbbbbb`);
  expect(await collect(store)).toMatchObject({ works: 1 });
  expect(readdirSync(`${store.root}/ingest`)).toEqual(["elsewhere.1.bbbbbbbbbbbb"]);
});

test("a blob in quarantine is taken back by whoever asks for it", async () => {
  const { store, add } = await newStore();
  await add("a", "model");
  const digest = digestOf("9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4");
  expect((await findBlob(store, digest))?.sizeBytes).toBe(5);
  renameSync(
    blobPath(store.root, digest),
    `${store.root}/quarantine/${digest.replace(":", "-")}.0123456789abcdef`,
  );
  await copyTag(store, parseRef("a"), parseRef("b"));
  expect(readdirSync(`${store.root}/quarantine`)).toEqual([]);
});

test("what a killed collector left in quarantine is put back or freed", async () => {
  const { store, add } = await newStore();
  await add("a", "model");
  const blobs = readdirSync(`${store.root}/blobs`);
  for (const name of blobs)
    renameSync(`${store.root}/blobs/${name}`, `${store.root}/quarantine/${name}.dead`);
  writeFileSync(`${store.root}/quarantine/sha256-${"0".repeat(64)}.dead`, "x");
  expect(await collect(store)).toMatchObject({ freedBytes: 1 });
  expect(readdirSync(`${store.root}/blobs`)).toEqual(blobs);
});

test("while a manifest cannot be read nothing is deleted", async () => {
  const { store, add } = await newStore();
  await add("a", "model");
  await add("b", "other");
  await removeTag(store, parseRef("b"));
  writeFileSync(manifestPath(store.root, parseRef("a")), "{");
  const before = readdirSync(`${store.root}/blobs`);
  expect(await collect(store)).toMatchObject({ kind: "refused", unreadable: [{ ref: parseRef("a") }] });
  expect(await collect(store, { dryRun: true })).toMatchObject({ kind: "refused" });
  expect(readdirSync(`${store.root}/blobs`)).toEqual(before);
});

test("other programs' files in blobs are left alone", async () => {
  const { store } = await newStore();
  const names = [`sha256-${"1".repeat(64)}-partial`, `sha256-${"1".repeat(64)}-partial-0`, "notes.txt"];
  for (const name of names) writeFileSync(`${store.root}/blobs/${name}`, "x");
  expect(await collect(store)).toMatchObject({ blobs: [] });
  expect(readdirSync(`${store.root}/blobs`).sort()).toEqual(names.sort());
});

test("a file that a power cut left under both names of a rename goes with both, and stays with one when it is named", async () => {
  const { store, add } = await newStore();
  await add("a", "named");
  await add("b", "not named");
  const blobs = readdirSync(`${store.root}/blobs`);
  await removeTag(store, parseRef("b"));
  mkdirSync(`${store.root}/quarantine`, { recursive: true });
  for (const name of blobs) {
    for (const collector of ["aa", "bb"]) {
      linkSync(`${store.root}/blobs/${name}`, `${store.root}/quarantine/${name}.${collector}`);
    }
  }
  await collect(store);
  expect(readdirSync(`${store.root}/quarantine`)).toEqual([]);
  const entry = await readTag(store, parseRef("a"));
  const kept = entry?.kind === "tag" ? blobsOf(entry.image).map(({ digest }) => digest) : [];
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.filter((digest) => !existsSync(blobPath(store.root, digest)))).toEqual([]);
  expect(readdirSync(`${store.root}/blobs`)).toHaveLength(kept.length);
  expect((await verifyStore(store)).problems).toEqual([]);
});
