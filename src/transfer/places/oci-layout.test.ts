import { createHash } from "node:crypto";
import { readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newStore } from "../../../test/support/store.ts";
import { tempDir } from "../../../test/support/temp.ts";
import { digestOf } from "../../store/digest.ts";
import { exportTag } from "../../store/export.ts";
import { parseRef } from "../../store/ref.ts";
import { nodeNet } from "../../world/node/net.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import { parseReference } from "../reference.ts";
import type { Remote, Wanted } from "../remote.ts";
import type { BlobSource } from "../source.ts";
import { localRemote } from "./local.ts";

const world = { ...nodeStoreWorld, net: nodeNet };
const { signal } = new AbortController();
const MIB = 1024 * 1024;

function open(text: string): Promise<Remote> {
  const reference = parseReference(text);
  if (reference.kind !== "path" && reference.kind !== "oci-layout") throw new Error(reference.kind);
  return localRemote({ world, workingFolder: "/" }, reference);
}

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function wanted(told: Partial<Wanted>): Wanted {
  return { digest: null, sizeBytes: null, title: null, ...told };
}

async function fetchAll(source: BlobSource, maxBytes: number): Promise<Buffer> {
  const path = `${tempDir()}/out`;
  const file = await world.files.createNew(path, 0o600);
  expect((await source.whole({ file, maxBytes, signal, onBytes: () => undefined })).kind).toBe("got");
  await file.close();
  return readFileSync(path);
}

/** A layout as apr exports it. */
async function newLayout(): Promise<{ readonly folder: string; readonly image: string }> {
  const { store, folder, add } = await newStore();
  await add("qwen:0.5b", "the weights");
  await exportTag(store, { ref: parseRef("qwen:0.5b"), format: "oci", out: `${folder}/qwen` });
  const index = JSON.parse(readFileSync(`${folder}/qwen/index.json`, "utf8")) as {
    manifests: { digest: string }[];
  };
  return { folder: `${folder}/qwen`, image: index.manifests[0]?.digest ?? "" };
}

test("a layout gives its image by tag, or the only one", async () => {
  const { folder, image } = await newLayout();
  for (const text of [`oci:${folder}:0.5b`, `oci:${folder}`, folder]) {
    const remote = await open(text);
    const resolved = await remote.resolve(signal);
    if (resolved.kind !== "image") throw new Error(resolved.kind);
    expect(resolved.expected).toBe(image);
    expect(`sha256:${sha256(Buffer.from(resolved.bytes))}`).toBe(image);
    const source = await remote.blob(wanted({ digest: digestOf(sha256("the weights")) }), signal);
    if (source === null) throw new Error("no way");
    expect((await fetchAll(source, 11)).toString()).toBe("the weights");
  }
  expect((await open(`oci:${folder}:0.5b`)).tag).toMatchObject({ name: "qwen", tag: "0.5b" });
  const other = await open(`oci:${folder}:other`);
  await expect(other.resolve(signal)).rejects.toMatchObject({
    kind: "not-found",
    hint: expect.stringContaining("0.5b") as string,
  });
});

const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

/** Puts the layout's index among its blobs, and names it by a new one. */
function nest(folder: string, claimed?: string): void {
  const inner = readFileSync(`${folder}/index.json`);
  const digest = claimed ?? `sha256:${sha256(inner)}`;
  writeFileSync(`${folder}/blobs/sha256/${digest.slice("sha256:".length)}`, inner);
  const manifests = [{ digest, size: inner.length, mediaType: INDEX_TYPE }];
  writeFileSync(`${folder}/index.json`, JSON.stringify({ manifests }));
}

test("nested indexes lead to their only image, up to a depth", async () => {
  const { folder } = await newLayout();
  for (const kind of ["image", "image"]) {
    nest(folder);
    expect((await (await open(`oci:${folder}`)).resolve(signal)).kind).toBe(kind);
  }
  nest(folder);
  await expect((await open(`oci:${folder}`)).resolve(signal)).rejects.toThrow("nested too deep");
});

test("a nested index that is another one than its digest says is refused", async () => {
  const { folder } = await newLayout();
  nest(folder, `sha256:${"0".repeat(64)}`);
  await expect((await open(`oci:${folder}`)).resolve(signal)).rejects.toThrow("does not match its digest");
});

test.each([
  ["index.json", "{"],
  ["index.json", "[]"],
  ["index.json", '{"manifests":[{"digest":"sha256:../../../etc/passwd","size":1}]}'],
  ["index.json", `{"manifests":[{"digest":"sha256:${"a".repeat(64)}","size":-1}]}`],
  ["index.json", `{"manifests":[{"digest":"sha256:${"a".repeat(64)}","size":1}]}`],
  ["index.json", `{"manifests":[${'{"digest":1},'.repeat(2000)}{}]}`],
  ["index.json", " ".repeat(5 * MIB)],
  ["oci-layout", '{"imageLayoutVersion":"2.0.0"}'],
  ["oci-layout", "x".repeat(5000)],
])("a layout whose %s is hostile is refused", async (name, content) => {
  const { folder } = await newLayout();
  writeFileSync(`${folder}/${name}`, content);
  await expect((await open(`oci:${folder}`)).resolve(signal)).rejects.toMatchObject({
    kind: "malformed",
    fields: { code: "bad-layout" },
  });
});

test("links inside a layout are refused; a link to the layout is not", async () => {
  const { folder, image } = await newLayout();
  symlinkSync(folder, `${folder}-link`);
  expect((await (await open(`oci:${folder}-link`)).resolve(signal)).kind).toBe("image");
  const blob = `${folder}/blobs/sha256/${image.slice("sha256:".length)}`;
  renameSync(blob, `${folder}/moved`);
  symlinkSync(`${folder}/moved`, blob);
  const remote = await open(`oci:${folder}`);
  await expect(remote.resolve(signal)).rejects.toMatchObject({ kind: "malformed" });
  expect(await remote.blob(wanted({ digest: digestOf(image.slice(7)) }), signal)).toBeNull();
  renameSync(`${folder}/blobs/sha256`, `${folder}/all`);
  symlinkSync(`${folder}/all`, `${folder}/blobs/sha256`);
  await expect(remote.blob(wanted({ digest: digestOf(image.slice(7)) }), signal)).rejects.toMatchObject({
    kind: "malformed",
  });
});
