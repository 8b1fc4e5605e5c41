import { readdirSync, renameSync } from "node:fs";
import { expect, test } from "vitest";
import { copyTag } from "../src/store/copy-tag.ts";
import { collect } from "../src/store/gc.ts";
import { MAX_MANIFEST_BYTES } from "../src/store/limits.ts";
import { parseRef } from "../src/store/ref.ts";
import { removeTag } from "../src/store/remove-tag.ts";
import { readTag } from "../src/store/tags.ts";
import { verifyStore } from "../src/store/verify.ts";
import type { Answer, TestServed } from "./support/served.ts";
import { newWritable, pushBlob, pushImage, type Writable } from "./support/served-writable.ts";
import { blobOf, imageOf, modelOf } from "./support/transfer/model.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

const blobNames = ({ store }: TestServed): string[] => readdirSync(`${store.root}/blobs`);
const workNames = ({ store }: TestServed): string[] => readdirSync(`${store.root}/ingest`);
const put = ({ send }: Writable, reference: string, body: string | Uint8Array): Promise<Answer> =>
  send("PUT", `/v2/m/manifests/${reference}`, { body });

test("a manifest needs all its blobs, and says which is not there", async () => {
  const at = await newWritable();
  const image = imageOf(modelOf(10_000));
  const missing = await put(at, "1", image.manifest.bytes);
  expect(missing).toMatchObject({ status: 400, code: "MANIFEST_BLOB_UNKNOWN" });
  await pushBlob(at, image.config);
  expect((await put(at, "1", image.manifest.bytes)).body.toString("utf8")).toContain(image.model.digest);
  // Of another size than the manifest says.
  await pushBlob(at, image.model);
  const text = image.manifest.bytes
    .toString("utf8")
    .replace(`"size":${image.model.bytes.length}`, '"size":1');
  expect(await put(at, "1", text)).toMatchObject({ code: "MANIFEST_BLOB_UNKNOWN" });
  expect(await at.ask("GET", "/v2/m/manifests/1")).toMatchObject({ status: 404 });
  const done = await put(at, "1", image.manifest.bytes);
  expect(done).toMatchObject({ status: 201, headers: { "docker-content-digest": image.manifest.digest } });
  const byDigest = await at.ask("GET", `/v2/m/manifests/${image.manifest.digest}`);
  expect(byDigest).toMatchObject({ status: 200, body: image.manifest.bytes });
});

test("what is no manifest is refused", async () => {
  const at = await newWritable();
  const large = Buffer.alloc(MAX_MANIFEST_BYTES + 1, " ");
  expect(await put(at, "1", large)).toMatchObject({ status: 413, code: "MANIFEST_INVALID" });
  const layer = { mediaType: "x", digest: "sha256:../../x", size: 1 };
  for (const body of [
    "",
    "[]",
    "{",
    '{"schemaVersion":1}',
    JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, layers: [layer] }),
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] }),
    Buffer.from([0xff, 0xfe]),
  ]) {
    expect(await put(at, "1", body)).toMatchObject({ status: 400, code: "MANIFEST_INVALID" });
  }
  expect(await put(at, `sha256:${"0".repeat(64)}`, "{}")).toMatchObject({ code: "DIGEST_INVALID" });
  expect([...blobNames(at), ...workNames(at)]).toEqual([]);
});

test("a tag is not replaced unless the server was told so", async () => {
  const [one, other] = [imageOf(modelOf(10_000, "one")), imageOf(modelOf(10_000, "other"))];
  const at = await newWritable();
  expect(await pushImage(at, one, "1")).toMatchObject({ status: 201 });
  expect(await put(at, "1", one.manifest.bytes)).toMatchObject({ status: 201 });
  expect(await pushImage(at, other, "1")).toMatchObject({ status: 409, code: "DENIED" });
  const replacing = await newWritable({ write: { token: "correct-horse-battery", overwrite: true } });
  expect(await pushImage(replacing, one, "1")).toMatchObject({ status: 201 });
  expect(await pushImage(replacing, other, "1")).toMatchObject({ status: 201 });
  const now = await replacing.ask("GET", "/v2/m/manifests/1");
  expect(now.headers["docker-content-digest"]).toBe(other.manifest.digest);
  // The index saw the old one: it must not go on showing its blobs.
  expect(await replacing.ask("GET", `/v2/m/blobs/${one.model.digest}`)).toMatchObject({ status: 404 });
  expect(await replacing.ask("GET", `/v2/m/blobs/${other.model.digest}`)).toMatchObject({ status: 200 });
  await collect(replacing.store);
  expect(blobNames(replacing)).toHaveLength(2);
  expect((await verifyStore(replacing.store)).problems).toEqual([]);
});

test("a list of manifests: by digest first, then under a tag", async () => {
  const at = await newWritable();
  const image = imageOf(modelOf(10_000));
  const inner = { mediaType: MANIFEST, digest: image.manifest.digest, size: image.manifest.bytes.length };
  const list = blobOf(
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [inner] })),
  );
  expect(await put(at, "1", list.bytes)).toMatchObject({ code: "MANIFEST_BLOB_UNKNOWN" });
  expect(await pushImage(at, image, image.manifest.digest)).toMatchObject({ status: 201 });
  expect(await collect(at.store)).toMatchObject({ kind: "collected", blobs: [] });
  expect(await at.ask("GET", `/v2/m/manifests/${image.manifest.digest}`)).toMatchObject({ status: 200 });
  expect(await put(at, "1", list.bytes)).toMatchObject({ status: 201 });
  expect(workNames(at)).toEqual([]);
  const served = await at.ask("GET", "/v2/m/manifests/1");
  expect(served).toMatchObject({ body: list.bytes, headers: { "content-type": INDEX } });
  expect(await at.ask("GET", `/v2/m/manifests/${image.manifest.digest}`)).toMatchObject({
    body: image.manifest.bytes,
    headers: { "content-type": MANIFEST },
  });
  expect(await at.ask("GET", `/v2/m/blobs/${image.model.digest}`)).toMatchObject({ status: 200 });
  expect(await readTag(at.store, parseRef("m:1"))).toMatchObject({ kind: "tag" });
  expect(await collect(at.store)).toMatchObject({ kind: "collected", blobs: [] });
});

test("a mount sends no byte, and only from a name that has the blob", async () => {
  const at = await newWritable();
  const image = imageOf(modelOf(10_000));
  await pushImage(at, image, "1", "hf.co/org/source");
  const mount = (from: string): Promise<Answer> =>
    at.send("POST", `/v2/m/blobs/uploads/?mount=${image.model.digest}&from=${from}`);
  for (const from of ["nobody", "..%2f..", "a/b/c/d", ""]) {
    expect(await mount(from), from).toMatchObject({ status: 202 });
  }
  for (const from of ["hf.co/org/source", "org/source", "hf.co%2Forg%2Fsource"]) {
    expect(await mount(from), from).toMatchObject({
      status: 201,
      headers: { location: `/v2/m/blobs/${image.model.digest}` },
    });
  }
  // It lives on by the server's lease, though its tag goes.
  await removeTag(at.store, parseRef("hf.co/org/source:1"));
  await collect(at.store);
  expect(await at.ask("HEAD", `/v2/m/blobs/${image.model.digest}`)).toMatchObject({ status: 200 });
  await pushBlob(at, image.config);
  expect(await put(at, "2", image.manifest.bytes)).toMatchObject({ status: 201 });
});

test("pushed blobs live until a manifest names them, also after their lease was broken", async () => {
  const at = await newWritable();
  const image = imageOf(modelOf(10_000));
  await pushBlob(at, image.config);
  await collect(at.store);
  expect(blobNames(at)).toHaveLength(1);
  const [lease = ""] = workNames(at);
  renameSync(`${at.store.root}/ingest/${lease}`, `${at.folder}/broken`);
  await pushBlob(at, image.model);
  await collect(at.store);
  expect(blobNames(at)).toHaveLength(2);
  expect(await put(at, "1", image.manifest.bytes)).toMatchObject({ status: 201 });
  expect(workNames(at)).toEqual([]);
  await copyTag(at.store, parseRef("m:1"), parseRef("n:1"));
  await removeTag(at.store, parseRef("m:1"));
  expect(await at.ask("GET", "/v2/m/manifests/1")).toMatchObject({ status: 404 });
  expect(await at.ask("GET", `/v2/n/blobs/${image.model.digest}`)).toMatchObject({ status: 200 });
  const left = await pushBlob(at, modelOf(5000, "left"));
  expect(left).toMatchObject({ status: 201 });
  await at.served.close(0);
  await collect(at.store);
  expect(blobNames(at)).toHaveLength(2);
  expect(workNames(at)).toEqual([]);
});
