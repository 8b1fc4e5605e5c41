import { mkdirSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { parseRef } from "../src/store/ref.ts";
import { readTag } from "../src/store/tags.ts";
import { verifyStore } from "../src/store/verify.ts";
import { needs } from "./support/needs.ts";
import type { Answer, TestServed } from "./support/served.ts";
import { begin, newWritable, sha, TOKEN } from "./support/served-writable.ts";
import { tempDir } from "./support/temp.ts";
import { imageOf, modelOf, writeLayout } from "./support/transfer/model.ts";
import { digestBySkopeo, pushWithSkopeo, skopeo } from "./support/transfer/skopeo.ts";

const blobNames = ({ store }: TestServed): string[] => readdirSync(`${store.root}/blobs`);
const workNames = ({ store }: TestServed): string[] => readdirSync(`${store.root}/ingest`);

test("skopeo pushes with the token as its password, and pulls the same digest", async (context) => {
  needs(context, "skopeo");
  const at = await newWritable();
  const image = imageOf(modelOf(3_000_000));
  await pushWithSkopeo(image, `${at.host}/library/qwen:0.5b`, `anybody:${TOKEN}`);
  expect(await digestBySkopeo(`${at.host}/qwen:0.5b`)).toBe(image.manifest.digest);
  const entry = await readTag(at.store, parseRef("qwen:0.5b"));
  expect(entry?.kind === "tag" && image.manifest.bytes.equals(entry.bytes)).toBe(true);
  expect((await verifyStore(at.store)).problems).toEqual([]);
  expect(workNames(at)).toEqual([]);
  await expect(pushWithSkopeo(image, `${at.host}/other:1`, "anybody:wrong")).rejects.toThrow(
    /unauthorized|token/i,
  );
  await expect(pushWithSkopeo(image, `${at.host}/other:1`)).rejects.toThrow(/unauthorized|token/i);
  const folder = tempDir();
  mkdirSync(`${folder}/index`);
  writeLayout(image, `${folder}/index`, "x");
  await skopeo(["copy", "--src-tls-verify=false", `docker://${at.host}/qwen:0.5b`, `dir:${folder}/out`]);
  expect(readdirSync(`${folder}/out`)).toContain(image.model.hex);
  expect(blobNames(at)).toHaveLength(2);
});

test("nothing is written without the token", async () => {
  const at = await newWritable({ readToken: "reader" });
  const wrong = [{}, { authorization: "Bearer wrong" }, { authorization: "Bearer reader" }];
  for (const headers of wrong) {
    for (const [method, path] of [
      ["POST", "/v2/m/blobs/uploads/"],
      ["PUT", "/v2/m/manifests/1"],
      ["GET", `/v2/m/blobs/uploads/${"0".repeat(32)}`],
    ] as const) {
      const answer = await at.ask(method, path, { headers, ...(method === "GET" ? {} : { body: "{}" }) });
      expect(answer).toMatchObject({ status: 401, code: "UNAUTHORIZED" });
      expect(answer.headers["www-authenticate"]).toMatch(/^Basic realm=/);
    }
  }
  expect(await at.ask("GET", "/v2/")).toMatchObject({ status: 401 });
  expect(await at.ask("GET", "/v2/_catalog")).toMatchObject({ status: 401 });
  expect(await at.ask("GET", "/v2/", { headers: { authorization: "Bearer reader" } })).toMatchObject({
    status: 200,
  });
  expect(await at.send("GET", "/v2/_catalog")).toMatchObject({ status: 200 });
  expect([...blobNames(at), ...workNames(at)]).toEqual([]);
  const open = await newWritable();
  const login = await open.ask("GET", "/v2/");
  expect(login).toMatchObject({ status: 200, headers: { "www-authenticate": 'Basic realm="apr"' } });
  expect(await open.ask("GET", "/v2/", { headers: { authorization: "Bearer no" } })).toMatchObject({
    status: 401,
  });
});

test("an upload in steps: status, gaps, the rest", async () => {
  const at = await newWritable();
  const { bytes, digest } = modelOf(300_000);
  const place = await begin(at);
  const chunk = (from: number, to: number, contentRange?: string): Promise<Answer> =>
    at.send("PATCH", place, {
      body: bytes.subarray(from, to),
      headers: contentRange === undefined ? {} : { "content-range": contentRange },
    });
  expect(await chunk(0, 1000, "0-999")).toMatchObject({ status: 202, headers: { range: "0-999" } });
  for (const range of ["2000-2999", "0-999", "nonsense", "5-1"]) {
    const gap = await chunk(1000, 2000, range);
    expect(gap, range).toMatchObject({ status: 416, headers: { range: "0-999", location: place } });
  }
  expect(await chunk(1000, 2000, "1000-2998")).toMatchObject({ status: 400, code: "SIZE_INVALID" });
  expect(await chunk(1000, 2000)).toMatchObject({ status: 202, headers: { range: "0-1999" } });
  expect(await at.send("GET", place)).toMatchObject({ status: 204, headers: { range: "0-1999" } });
  expect(await at.send("GET", place.replace("/m/", "/n/"))).toMatchObject({ code: "BLOB_UPLOAD_UNKNOWN" });
  expect(await at.send("PUT", `${place}?digest=sha256:no`)).toMatchObject({
    status: 400,
    code: "DIGEST_INVALID",
  });
  const last = await at.send("PUT", `${place}?digest=${digest}`, {
    body: bytes.subarray(2000),
    headers: { "content-range": `2000-${bytes.length - 1}` },
  });
  expect(last).toMatchObject({ status: 201, headers: { "docker-content-digest": digest } });
  expect(await at.send("GET", place)).toMatchObject({ status: 404, code: "BLOB_UPLOAD_UNKNOWN" });
  const whole = await at.ask("GET", `/v2/m/blobs/${digest}`);
  expect(whole.status === 200 && whole.body.equals(bytes)).toBe(true);
  expect(await at.ask("GET", `/v2/n/blobs/${digest}`)).toMatchObject({ status: 404 });
});

test("what is wrong leaves nothing behind", async () => {
  const at = await newWritable({ limits: { maxBlobBytes: 1000, maxUploads: 2 } });
  const bytes = Buffer.alloc(1000, 7);
  const wrong = sha("other");
  expect(await at.send("POST", `/v2/m/blobs/uploads/?digest=${wrong}`, { body: bytes })).toMatchObject({
    status: 400,
    code: "DIGEST_INVALID",
  });
  const place = await begin(at);
  await at.send("PATCH", place, { body: bytes });
  expect(await at.send("PATCH", place, { body: "1" })).toMatchObject({ status: 413, code: "SIZE_INVALID" });
  expect(await at.send("PUT", `${place}?digest=${wrong}`)).toMatchObject({
    status: 400,
    code: "DIGEST_INVALID",
  });
  expect(await at.send("PUT", `${place}?digest=${sha(bytes)}`)).toMatchObject({
    code: "BLOB_UPLOAD_UNKNOWN",
  });
  const large = { body: Buffer.alloc(1001) };
  expect(await at.send("POST", `/v2/m/blobs/uploads/?digest=${sha(large.body)}`, large)).toMatchObject({
    status: 413,
  });
  const dropped = await begin(at);
  expect(await at.send("DELETE", dropped)).toMatchObject({ status: 204 });
  await begin(at);
  await begin(at);
  expect(await at.send("POST", "/v2/m/blobs/uploads/")).toMatchObject({
    status: 429,
    code: "TOOMANYREQUESTS",
  });
  await at.served.close(0);
  expect([...blobNames(at), ...workNames(at)]).toEqual([]);
});

test("a body that is cut can be gone on with, and an idle upload is dropped", async () => {
  const at = await newWritable({ limits: { uploadIdleMs: 1500 } });
  const { bytes, digest } = modelOf(200_000);
  const place = await begin(at);
  const head = `PATCH ${place} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  await new Promise<void>((resolve) => {
    const socket = connect(at.served.port, "127.0.0.1", () => {
      socket.write(head);
      socket.write(bytes.subarray(0, 100_000), () => setTimeout(() => socket.destroy(), 100));
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
  });
  let came = 0;
  for (let look = 0; look < 100 && came === 0; look++) {
    const { headers } = await at.send("GET", place);
    came = Number(headers["range"]?.slice(2)) + 1;
    if (came === 1) came = 0;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(came).toBe(100_000);
  const rest = { body: bytes.subarray(came) };
  expect(await at.send("PUT", `${place}?digest=${digest}`, rest)).toMatchObject({ status: 201 });
  const idle = await begin(at);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(await at.send("GET", idle)).toMatchObject({ status: 404 });
});
