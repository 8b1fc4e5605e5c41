import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { tempDir } from "../../../test/support/temp.ts";
import { digestOf } from "../../store/digest.ts";
import { nodeNet } from "../../world/node/net.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import { httpClient } from "../http/client.ts";
import { parseReference } from "../reference.ts";
import type { Remote, RemoteFile, Wanted } from "../remote.ts";
import { urlRemote } from "./https.ts";

const world = { ...nodeStoreWorld, net: nodeNet };
const { signal } = new AbortController();
const CONTENT = Buffer.from("0123456789".repeat(1000));

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server for one test; its base URL. */
async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

/** Ranges and HEAD, as every file server has them. */
const goodServer: Handler = (request, response) => {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  response.setHeader("etag", '"v1"');
  const body = first === undefined ? CONTENT : CONTENT.subarray(Number(first), Number(last) + 1);
  if (first !== undefined) response.setHeader("content-range", `bytes ${first}-${last}/${CONTENT.length}`);
  response.writeHead(first === undefined ? 200 : 206, { "content-length": body.length });
  response.end(request.method === "HEAD" ? undefined : body);
};

function open(text: string): Remote {
  const reference = parseReference(text);
  if (reference.kind !== "url") throw new Error(reference.kind);
  return urlRemote({ world, client: httpClient(nodeNet) }, reference);
}

async function theFile(remote: Remote): Promise<RemoteFile> {
  const resolved = await remote.resolve(signal);
  const [file] = resolved.kind === "files" ? resolved.files : [];
  if (file === undefined) throw new Error(resolved.kind);
  return file;
}

function wanted(told: Partial<Wanted>): Wanted {
  return { digest: null, sizeBytes: null, title: null, ...told };
}

test("a URL comes in chunks; its query is sent and shown nowhere", async () => {
  const seen: { url: string | undefined; authorization: string | undefined }[] = [];
  const base = await serve((request, response) => {
    seen.push({ url: request.url, authorization: request.headers.authorization });
    goodServer(request, response);
  });
  const remote = open(`${base}/dir/my%20m.gguf?signature=hunter2`);
  const file = await theFile(remote);
  expect(file).toMatchObject({ title: "my m.gguf", sizeBytes: CONTENT.length, digest: null });
  expect(file.identity).toBe(`${base}/dir/my%20m.gguf`);
  const source = await remote.blob(wanted({ title: file.title, sizeBytes: file.sizeBytes }), signal);
  if (source === null) throw new Error("no way");
  expect(`${remote.name} ${source.name}`).not.toContain("hunter2");
  const path = `${tempDir()}/out`;
  const out = await world.files.createNew(path, 0o600);
  for (const offsetBytes of [0, 4000, 8000]) {
    const sizeBytes = Math.min(4000, CONTENT.length - offsetBytes);
    const got = await source.chunk({ file: out, offsetBytes, sizeBytes, signal, onBytes: () => undefined });
    expect(got).toEqual({ kind: "got" });
  }
  await out.close();
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
  expect(
    seen.every(({ url, authorization }) => url?.endsWith("hunter2") && authorization === undefined),
  ).toBe(true);
});

test.each([403, 405, 501])("a server that answers %i to HEAD is asked for one byte", async (status) => {
  const base = await serve((request, response) => {
    if (request.method === "HEAD") response.writeHead(status).end();
    else goodServer(request, response);
  });
  expect((await theFile(open(`${base}/m.gguf`))).sizeBytes).toBe(CONTENT.length);
});

test("a server that answers HEAD with a length of 0 is not believed", async () => {
  const base = await serve((request, response) => {
    if (request.method === "HEAD") response.writeHead(200, { "content-length": 0 }).end();
    else goodServer(request, response);
  });
  expect((await theFile(open(`${base}/m.gguf`))).sizeBytes).toBe(CONTENT.length);
});

test("an empty file is empty", async () => {
  const base = await serve((request, response) => {
    if (request.headers.range === undefined) response.writeHead(200, { "content-length": 0 }).end();
    else response.writeHead(416, { "content-range": "bytes */0" }).end();
  });
  expect((await theFile(open(`${base}/m.gguf`))).sizeBytes).toBe(0);
});

test("a server that tells no length gives a file of unknown size", async () => {
  const base = await serve((request, response) => {
    response.writeHead(200);
    if (request.method !== "HEAD") for (let part = 0; part < 20; part++) response.write(CONTENT);
    response.end();
  });
  const remote = open(`${base}/m.gguf`);
  const file = await theFile(remote);
  expect(file.sizeBytes).toBeNull();
  const source = await remote.blob(wanted({ title: "m.gguf" }), signal);
  const out = await world.files.createNew(`${tempDir()}/out`, 0o600);
  const got = await source?.whole({ file: out, maxBytes: 1_000_000, signal, onBytes: () => undefined });
  await out.close();
  expect(got).toEqual({ kind: "got", sizeBytes: 20 * CONTENT.length });
});

test.each([
  [404, "not-found", "not-found"],
  [410, "not-found", "not-found"],
  [401, "network", "auth"],
  [403, "network", "auth"],
  [418, "network", "status"],
])("a URL that answers %i is %s", async (status, kind, code) => {
  const base = await serve((_, response) => void response.writeHead(status).end());
  const error: unknown = await open(`${base}/m.gguf?key=hunter2`)
    .resolve(signal)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "AprError", kind, fields: { code } });
  expect(JSON.stringify(error) + String(error)).not.toContain("hunter2");
});

test("a digest names the content, and another one is not there", async () => {
  const base = await serve(goodServer);
  const hex = "ab".repeat(32);
  const remote = open(`${base}/m.gguf#sha256=${hex}`);
  expect((await theFile(remote)).digest).toBe(`sha256:${hex}`);
  const has = async (told: Partial<Wanted>): Promise<boolean> =>
    (await remote.blob(wanted(told), signal)) !== null;
  expect(await has({ digest: digestOf(hex) })).toBe(true);
  expect(await has({ digest: digestOf("0".repeat(64)), sizeBytes: CONTENT.length })).toBe(false);
  expect(await has({ digest: digestOf(hex), sizeBytes: 5 })).toBe(false);
});

test("without a digest the size decides, and where there is none the name", async () => {
  const base = await serve(goodServer);
  const remote = open(`${base}/m.gguf`);
  const has = async (told: Partial<Wanted>): Promise<boolean> =>
    (await remote.blob(wanted(told), signal)) !== null;
  expect(await has({ digest: digestOf("0".repeat(64)), sizeBytes: CONTENT.length })).toBe(true);
  expect(await has({ title: "other.gguf", sizeBytes: CONTENT.length + 1 })).toBe(false);
  expect(await has({ title: "m.gguf" })).toBe(true);
  expect(await has({ title: "other.gguf" })).toBe(false);
});

test("several who ask at once cause one request, and one who stops spoils it for nobody", async () => {
  const stop = new AbortController();
  let heads = 0;
  const base = await serve((request, response) => {
    heads += request.method === "HEAD" ? 1 : 0;
    // The first is stopped while it waits for this answer.
    if (heads === 1) stop.abort(new Error("stopped"));
    setTimeout(() => goodServer(request, response), 50);
  });
  const remote = open(`${base}/m.gguf`);
  const all = [remote.resolve(stop.signal), remote.resolve(signal), remote.resolve(signal)];
  const [first, ...others] = await Promise.allSettled(all);
  expect(first?.status).toBe("rejected");
  expect(others.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  expect(heads).toBe(2);
});
