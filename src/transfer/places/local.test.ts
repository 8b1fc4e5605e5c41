import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newStore } from "../../../test/support/store.ts";
import { tempDir } from "../../../test/support/temp.ts";
import { digestOf } from "../../store/digest.ts";
import { nodeNet } from "../../world/node/net.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import { parseReference } from "../reference.ts";
import type { Remote, Wanted } from "../remote.ts";
import type { BlobSource, WholeOutcome } from "../source.ts";
import { localRemote } from "./local.ts";

const world = { ...nodeStoreWorld, net: nodeNet };
const { signal } = new AbortController();
const MIB = 1024 * 1024;

function open(text: string, workingFolder = "/"): Promise<Remote> {
  const reference = parseReference(text);
  if (reference.kind !== "path" && reference.kind !== "oci-layout" && reference.kind !== "store")
    throw new Error(reference.kind);
  return localRemote({ world, workingFolder }, reference);
}

function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function wanted(told: Partial<Wanted>): Wanted {
  return { digest: null, sizeBytes: null, title: null, ...told };
}

/** All of a source, in chunks, into a new file. */
async function fetchAll(source: BlobSource, sizeBytes: number, chunkBytes = 2 * MIB): Promise<Buffer> {
  const path = `${tempDir()}/out`;
  const file = await world.files.createNew(path, 0o600);
  let told = 0;
  const onBytes = (bytes: number): void => void (told += bytes);
  for (let offsetBytes = 0; offsetBytes < sizeBytes; offsetBytes += chunkBytes) {
    const size = Math.min(chunkBytes, sizeBytes - offsetBytes);
    expect(await source.chunk({ file, offsetBytes, sizeBytes: size, signal, onBytes })).toEqual({
      kind: "got",
    });
  }
  await file.close();
  expect(told).toBe(sizeBytes);
  return readFileSync(path);
}

async function fetchWhole(
  source: BlobSource,
  maxBytes: number,
  over: AbortSignal = signal,
): Promise<WholeOutcome> {
  const file = await world.files.createNew(`${tempDir()}/out`, 0o600);
  try {
    return await source.whole({ file, maxBytes, signal: over, onBytes: () => undefined });
  } finally {
    await file.close();
  }
}

test("a file comes as a model of one file, byte for byte", async () => {
  const folder = tempDir();
  const content = Buffer.alloc(5 * MIB + 123, "weights ");
  writeFileSync(`${folder}/My Model.gguf`, content);
  const remote = await open("./My Model.gguf", folder);
  expect(remote.tag?.name).toBe("My-Model");
  const resolved = await remote.resolve(signal);
  if (resolved.kind !== "files") throw new Error(resolved.kind);
  expect(resolved.files).toMatchObject([{ title: "My Model.gguf", sizeBytes: content.length, digest: null }]);
  const source = await remote.blob(wanted({ title: "My Model.gguf", sizeBytes: content.length }), signal);
  if (source === null) throw new Error("no way");
  expect((await fetchAll(source, content.length)).equals(content)).toBe(true);
  expect(source.validator()).toContain(`${content.length}`);
});

test("a file that changes says so, and goes on after forget", async () => {
  const path = `${tempDir()}/m.gguf`;
  writeFileSync(path, "first");
  const remote = await open(path);
  const source = await remote.blob(wanted({ title: "m.gguf" }), signal);
  if (source === null) throw new Error("no way");
  expect(await fetchWhole(source, 100)).toEqual({ kind: "got", sizeBytes: 5 });
  utimesSync(path, 1, 1);
  expect(await fetchWhole(source, 100)).toMatchObject({ kind: "changed" });
  source.forget();
  expect(await fetchWhole(source, 100)).toMatchObject({ kind: "got" });
  expect(await fetchWhole(source, 4)).toMatchObject({ kind: "failed", code: "size", retry: "never" });
});

test("what goes wrong with a file is its source's failure; an abort is thrown", async () => {
  const folder = tempDir();
  writeFileSync(`${folder}/m.gguf`, "content");
  const remote = await open(`${folder}/m.gguf`);
  const source = await remote.blob(wanted({ title: "m.gguf" }), signal);
  if (source === null) throw new Error("no way");
  const stopped = AbortSignal.abort(new Error("stopped"));
  await expect(fetchWhole(source, 100, stopped)).rejects.toThrow("stopped");
  renameSync(`${folder}/m.gguf`, `${folder}/elsewhere`);
  expect(await fetchWhole(source, 100)).toMatchObject({ kind: "failed", code: "not-found" });
  symlinkSync("elsewhere", `${folder}/m.gguf`);
  expect(await fetchWhole(source, 100)).toMatchObject({ kind: "failed", why: "is a symbolic link now" });
  rmSync(`${folder}/m.gguf`);
  mkdirSync(`${folder}/m.gguf`);
  expect(await fetchWhole(source, 100)).toMatchObject({ kind: "failed", code: "not-found" });
});

test("one shard brings all of them, with their index", async () => {
  const folder = tempDir();
  for (const name of [
    "m-00001-of-00002.safetensors",
    "m-00002-of-00002.safetensors",
    "m.safetensors.index.json",
  ])
    writeFileSync(`${folder}/${name}`, name);
  const remote = await open(`${folder}/m-00002-of-00002.safetensors`);
  const resolved = await remote.resolve(signal);
  if (resolved.kind !== "files") throw new Error(resolved.kind);
  expect(resolved.files.map(({ title }) => title)).toEqual([
    "m-00001-of-00002.safetensors",
    "m-00002-of-00002.safetensors",
    "m.safetensors.index.json",
  ]);
  expect(remote.tag?.name).toBe("m");
});

test("a folder gives its files by name and size, or the only one that is as large", async () => {
  const folder = `${tempDir()}/model.d`;
  mkdirSync(`${folder}/sub`, { recursive: true });
  writeFileSync(`${folder}/a.gguf`, Buffer.alloc(MIB, 1));
  writeFileSync(`${folder}/sub/b.gguf`, Buffer.alloc(MIB + 1, 2));
  symlinkSync(`${folder}/a.gguf`, `${tempDir()}/link`);
  const remote = await open(".", folder);
  expect(remote.tag?.name).toBe("model.d");
  const has = async (told: Partial<Wanted>): Promise<boolean> =>
    (await remote.blob(wanted(told), signal)) !== null;
  expect(await has({ title: "sub/b.gguf", sizeBytes: MIB + 1 })).toBe(true);
  expect(await has({ title: "other.gguf", sizeBytes: MIB + 1 })).toBe(true);
  expect(await has({ title: "a.gguf", sizeBytes: 5 })).toBe(false);
  expect(await has({ title: "../model.d/a.gguf", sizeBytes: 7 })).toBe(false);
  expect(await has({ title: "other.gguf" })).toBe(false);
});

test("a model's name with control characters is refused", async () => {
  const folder = tempDir();
  writeFileSync(`${folder}/a\u001b[2J.gguf`, "x");
  const remote = await open(folder);
  await expect(remote.resolve(signal)).rejects.toMatchObject({
    kind: "malformed",
    fields: { code: "unsafe-name" },
  });
});

test("nothing there is not-found", async () => {
  await expect(open("/no/such/model.gguf")).rejects.toMatchObject({ kind: "not-found" });
  await expect(open("oci:/no/such")).rejects.toMatchObject({ kind: "not-found" });
  const remote = await open(`store:${tempDir()}:qwen`);
  await expect(remote.resolve(signal)).rejects.toMatchObject({ kind: "not-found" });
});

test("another store gives a model by its tag, and blobs by digest; nothing in it changes", async () => {
  const { store, add } = await newStore();
  await add("qwen:0.5b", "the weights");
  const remote = await open(`store:${store.root}:qwen:0.5b`);
  const resolved = await remote.resolve(signal);
  if (resolved.kind !== "image") throw new Error(resolved.kind);
  expect(resolved.expected).toBe(`sha256:${sha256(Buffer.from(resolved.bytes))}`);
  const digest = digestOf(sha256("the weights"));
  // The folder alone is found to be a store too.
  const bare = await open(store.root);
  expect(bare.tag).toBeNull();
  for (const place of [remote, bare]) {
    const source = await place.blob(wanted({ digest, sizeBytes: 11 }), signal);
    if (source === null) throw new Error("no way");
    expect((await fetchAll(source, 11)).toString()).toBe("the weights");
    expect(await place.blob(wanted({ digest, sizeBytes: 12 }), signal)).toBeNull();
    expect(await place.blob(wanted({ digest: digestOf("0".repeat(64)) }), signal)).toBeNull();
    expect(await place.blob(wanted({ title: "x", sizeBytes: 11 }), signal)).toBeNull();
  }
  const blob = `${store.root}/blobs/sha256-${sha256("the weights")}`;
  renameSync(blob, `${blob}.moved`);
  symlinkSync(`${blob}.moved`, blob);
  expect(await bare.blob(wanted({ digest }), signal)).toBeNull();
  await expect(bare.resolve(signal)).rejects.toMatchObject({
    kind: "usage",
    hint: expect.stringContaining("store:") as string,
  });
  await expect((await open(`store:${store.root}:other`)).resolve(signal)).rejects.toMatchObject({
    kind: "not-found",
  });
});
