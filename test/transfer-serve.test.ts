import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { collect } from "../src/store/gc.ts";
import { blobPath, manifestPath } from "../src/store/layout.ts";
import { parseRef } from "../src/store/ref.ts";
import { removeTag } from "../src/store/remove-tag.ts";
import { manifestDigest, readTag } from "../src/store/tags.ts";
import type { Store } from "../src/store/store.ts";
import type { Digest } from "../src/store/digest.ts";
import type { RequestLine } from "../src/transfer/serve/options.ts";
import { tinyGguf } from "./support/gguf.ts";
import { needs } from "./support/needs.ts";
import { newServed, sendRaw } from "./support/served.ts";
import { tempDir } from "./support/temp.ts";
import { mustRun } from "./support/transfer/run.ts";
import { digestBySkopeo, skopeo } from "./support/transfer/skopeo.ts";

const MIB = 1024 ** 2;
const sha = (bytes: Uint8Array): Digest => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

async function digestByApr(store: Store, tag: string): Promise<Digest> {
  const entry = await readTag(store, parseRef(tag));
  if (entry?.kind !== "tag") throw new Error(`no tag ${tag}`);
  return manifestDigest(store, entry.bytes);
}

test("skopeo copies a model, and digests agree", async (context) => {
  needs(context, "skopeo");
  const { add, host, store } = await newServed();
  const model = tinyGguf(3 * MIB);
  await add("qwen:0.5b", model);
  await add("hf.co/org/Model:q4", model);
  const digest = await digestByApr(store, "qwen:0.5b");
  const folder = tempDir();
  const flags = ["copy", "--src-tls-verify=false", "--preserve-digests"];
  await skopeo([...flags, `docker://${host}/qwen:0.5b`, `oci:${folder}/a:x`]);
  await skopeo([...flags, `docker://${host}/library/qwen@${digest}`, `oci:${folder}/b:x`]);
  await skopeo([...flags, `docker://${host}/hf.co/org/model:q4`, `oci:${folder}/c:x`]);
  for (const copy of ["a", "b"]) {
    const index = readFileSync(`${folder}/${copy}/index.json`, "utf8");
    expect(index).toContain(digest);
    const file = `${folder}/${copy}/blobs/sha256/${sha(model).slice(7)}`;
    expect(readFileSync(file).equals(model)).toBe(true);
  }
  expect(await digestBySkopeo(`${host}/qwen:0.5b`)).toBe(digest);
  const tags = await skopeo(["list-tags", "--tls-verify=false", `docker://${host}/qwen`]);
  expect(JSON.parse(tags)).toMatchObject({ Tags: ["0.5b"] });
});

test("curl: heads, ranges and conditions", async (context) => {
  needs(context, "curl");
  const { add, host, store } = await newServed();
  const model = tinyGguf(100_000);
  await add("qwen:0.5b", model);
  const digest = sha(model);
  const url = `http://${host}/v2/qwen/blobs/${digest}`;
  const curl = (...args: readonly string[]): Promise<string> =>
    mustRun(["curl", "-sS", "-i", "-m", "20", ...args]);
  const head = await curl("-I", url);
  expect(head).toMatch(/^HTTP\/1.1 200 /);
  expect(head.toLowerCase()).toContain(`content-length: ${model.length}\r\n`);
  expect(head).toContain(`etag: "${digest}"`);
  expect(head).toContain("accept-ranges: bytes");
  expect(head).toContain(`docker-content-digest: ${digest}`);
  expect(head).toContain("cache-control: public, max-age=31536000, immutable");
  const out = `${tempDir()}/out`;
  const ranged = async (range: string, ...more: readonly string[]): Promise<[string, Buffer]> => {
    const text = await mustRun(["curl", "-sS", "-m", "20", "-D", "-", "-o", out, "-r", range, ...more, url]);
    return [text, readFileSync(out)];
  };
  for (const [range, from, to] of [
    ["0-0", 0, 1],
    ["1000-1999", 1000, 2000],
    [`${model.length - 10}-`, model.length - 10, model.length],
    ["-7", model.length - 7, model.length],
  ] as const) {
    const [text, body] = await ranged(range, "-H", `If-Range: "${digest}"`);
    expect(text).toMatch(/^HTTP\/1.1 206 /);
    expect(text).toContain(`content-range: bytes ${from}-${to - 1}/${model.length}`);
    expect(body.equals(model.subarray(from, to))).toBe(true);
  }
  const [beyond] = await ranged(`${model.length}-`);
  expect(beyond).toMatch(/^HTTP\/1.1 416 /);
  expect(beyond).toContain(`content-range: bytes */${model.length}`);
  const [other, whole] = await ranged("5-9", "-H", 'If-Range: "other"');
  expect(other).toMatch(/^HTTP\/1.1 200 /);
  expect(whole.equals(model)).toBe(true);
  const [many] = await ranged("0-1,5-6,8-9");
  expect(many).toMatch(/^HTTP\/1.1 200 /);
  expect(await curl("-H", `If-None-Match: "${digest}"`, url)).toMatch(/^HTTP\/1.1 304 /);
  const manifest = await curl("-I", `http://${host}/v2/qwen/manifests/0.5b`);
  expect(manifest).toContain("content-type: application/vnd.oci.image.manifest.v1+json");
  expect(manifest).toContain(`docker-content-digest: ${await digestByApr(store, "qwen:0.5b")}`);
  expect(manifest).toContain("apr-parts: 1");
});

test("lists, pages and what is not there", async () => {
  const lines: RequestLine[] = [];
  const { add, ask, store } = await newServed({ onRequest: (line) => lines.push(line) });
  for (const tag of ["b:1", "a:2", "a:1", "a:B", "hf.co/o/m:x"]) await add(tag, `content of ${tag}`);
  const json = async (path: string): Promise<unknown> =>
    JSON.parse((await ask("GET", path)).body.toString("utf8"));
  expect(await json("/v2/_catalog")).toEqual({ repositories: ["a", "b", "hf.co/o/m"] });
  const first = await ask("GET", "/v2/_catalog?n=2");
  expect(first.headers["link"]).toBe('</v2/_catalog?n=2&last=b>; rel="next"');
  expect(await json("/v2/_catalog?n=2&last=b")).toEqual({ repositories: ["hf.co/o/m"] });
  expect(await json("/v2/a/tags/list?n=2&last=1")).toEqual({ name: "a", tags: ["2", "B"] });
  expect(await json("/v2/a/tags/list?last=15")).toEqual({ name: "a", tags: ["2", "B"] });
  expect(await json("/v2/a/tags/list?n=0")).toEqual({ name: "a", tags: [] });
  expect((await ask("GET", "/v2/a/tags/list?n=-1")).status).toBe(400);
  const other = sha(Buffer.from("content of b:1"));
  expect(await ask("GET", `/v2/b/blobs/${other}`)).toMatchObject({ status: 200 });
  // A name shows its own blobs only.
  for (const [path, code] of [
    [`/v2/a/blobs/${other}`, "BLOB_UNKNOWN"],
    [`/v2/a/blobs/${other}/parts`, "BLOB_UNKNOWN"],
    [`/v2/nobody/blobs/${other}`, "NAME_UNKNOWN"],
    ["/v2/a/manifests/none", "MANIFEST_UNKNOWN"],
    [`/v2/a/manifests/${await digestByApr(store, "b:1")}`, "MANIFEST_UNKNOWN"],
    [`/v2/a/manifests/${other}`, "MANIFEST_UNKNOWN"],
    ["/v2/nobody/tags/list", "NAME_UNKNOWN"],
  ] as const) {
    expect(await ask("GET", path), path).toMatchObject({ status: 404, code });
  }
  expect(await json(`/v2/a/referrers/${other}?artifactType=x`)).toMatchObject({ manifests: [] });
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const answer = await ask(method, "/v2/a/manifests/1", { body: "{}" });
    expect(answer, method).toMatchObject({ status: 405, code: "UNSUPPORTED" });
  }
  expect(await ask("POST", "/v2/a/blobs/uploads/")).toMatchObject({ status: 405 });
  expect(lines[1]).toMatchObject({ method: "GET", path: "/v2/_catalog", status: 200, sizeBytes: 26 });
});

test("parts of a blob, never of a damaged one", async () => {
  const { add, ask, store } = await newServed();
  const model = tinyGguf(5 * MIB);
  await add("m:1", model);
  const digest = sha(model);
  const path = `/v2/m/blobs/${digest}/parts`;
  const part = (at: number): string => sha(model.subarray(at, at + 2 * MIB)).slice(7);
  const answer = await ask("GET", path);
  expect(JSON.parse(answer.body.toString("utf8"))).toEqual({
    part_bytes: 2 * MIB,
    sha256: [part(0), part(2 * MIB), part(4 * MIB)],
  });
  const other = tinyGguf(3 * MIB, "other");
  await add("m:2", other);
  const file = blobPath(store.root, sha(other));
  chmodSync(file, 0o644);
  other[1000] = 1 + (other[1000] ?? 0);
  writeFileSync(file, other);
  const damaged = await ask("GET", `/v2/m/blobs/${file.slice(-71).replace("-", ":")}/parts`);
  expect(damaged).toMatchObject({ status: 500, code: "UNKNOWN" });
  expect(damaged.body.toString("utf8")).not.toContain(store.root);
});

test("gc and rm while a blob is being sent do it no harm", async () => {
  const { add, served, store } = await newServed();
  const model = tinyGguf(64 * MIB);
  await add("m:1", model);
  await add("keep:1", "other");
  const chunks: Buffer[] = [];
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(`${served.url}/v2/m/blobs/${sha(model)}`, resolve);
  });
  await removeTag(store, parseRef("m:1"));
  expect(await collect(store)).toMatchObject({ kind: "collected" });
  expect(existsSync(blobPath(store.root, sha(model)))).toBe(false);
  for await (const chunk of response) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).equals(model)).toBe(true);
  expect((await fetch(`${served.url}/v2/m/manifests/1`)).status).toBe(404);
});

test("hostile requests get an answer and nothing else", async () => {
  const { add, ask, served, folder } = await newServed({ limits: { headTimeoutMs: 500 } });
  await add("m:1", "content");
  writeFileSync(`${folder}/secret`, "secret");
  const up = "../".repeat(12);
  for (const path of [
    `/v2/${up}etc/passwd`,
    `/v2/m/blobs/${up}etc/passwd`,
    `/v2/m/manifests/${up}etc/passwd`,
    "/v2/m/manifests/%2e%2e%2f%2e%2e%2fsecret",
    "/v2/..%2f..%2fsecret/manifests/1",
    "/v2/registry.ollama.ai/../library/manifests/m",
    "/v2/m%00/manifests/1",
    `/v2/${"m/".repeat(3000)}manifests/1`,
    `/v2/${"m".repeat(3000)}/manifests/1`,
    "/v2/m/blobs/sha256:zz",
  ]) {
    const { status, body } = await ask("GET", path);
    expect([400, 404, 414], path).toContain(status);
    expect(body.toString("utf8")).not.toMatch(/secret|root:/);
  }
  expect(
    await sendRaw(served.port, "GET /v2/m\u0000/manifests/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  ).toMatch(/^HTTP\/1.1 400 /);
  expect(await sendRaw(served.port, "GET /v2/ HT")).not.toContain("200");
  const rebound = await ask("GET", "/v2/m/manifests/1", { headers: { host: "evil.example" } });
  expect(rebound).toMatchObject({ status: 403, code: "DENIED" });
  const many = await ask("GET", `/v2/m/blobs/${sha(Buffer.from("content"))}`, {
    headers: { range: `bytes=${Array.from({ length: 1000 }, () => "0-0").join(",")}` },
  });
  expect(many).toMatchObject({ status: 200, headers: { "content-length": "7" } });
  expect(await ask("GET", "/v2/m/manifests/1")).toMatchObject({ status: 200 });
});

test("what lies in the store by another hand is not followed", async () => {
  const { add, ask, store, folder } = await newServed();
  await add("m:1", "content");
  writeFileSync(`${folder}/outside`, "outside");
  const digest = sha(Buffer.from("content"));
  rmSync(blobPath(store.root, digest));
  await mustRun(["ln", "-s", `${folder}/outside`, blobPath(store.root, digest)]);
  expect(await ask("GET", `/v2/m/blobs/${digest}`)).toMatchObject({ status: 404 });
  writeFileSync(manifestPath(store.root, parseRef("m:2")), "{}");
  expect(await ask("GET", "/v2/m/manifests/2")).toMatchObject({ status: 404, code: "MANIFEST_UNKNOWN" });
  expect(readdirSync(`${store.root}/ingest`)).toEqual([]);
});
