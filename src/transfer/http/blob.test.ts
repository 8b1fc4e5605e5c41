import { expect, test } from "vitest";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeNet } from "../../world/node/net.ts";
import { nodeClock } from "../../world/node/time.ts";
import { type Got, httpScript, type Reply, type ScriptedHttp } from "../../../test/support/http-script.ts";
import { tempDir } from "../../../test/support/temp.ts";
import { faultyServer } from "../../../test/support/transfer/scoped.ts";
import type { BlobSource, ChunkOutcome } from "../source.ts";
import { httpBlob, type HttpBlobOptions } from "./blob.ts";
import { httpClient } from "./client.ts";

const CONTENT = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 251));
const client = httpClient(nodeNet, { headTimeoutMs: 2000, idleTimeoutMs: 300 });

function blobAt(url: string, more: Partial<HttpBlobOptions> = {}): BlobSource {
  const options = { client, auth: null, clock: nodeClock, name: "test", sizeBytes: CONTENT.length, ...more };
  return httpBlob({ url: () => new URL(url), ...options });
}

/** Fetches a chunk into an empty file; what lies in the file then. */
async function fetchChunk(
  source: BlobSource,
  offsetBytes = 100,
  sizeBytes = 100,
): Promise<{ readonly outcome: ChunkOutcome; readonly bytes: Buffer; readonly told: number }> {
  const path = `${tempDir()}/file`;
  await nodeFiles.write(path, "");
  const file = await nodeFiles.openUpdate(path);
  let told = 0;
  const onBytes = (count: number): void => void (told += count);
  const { signal } = new AbortController();
  const outcome = await source.chunk({ file, offsetBytes, sizeBytes, signal, onBytes });
  await file.close();
  return { outcome, told, bytes: Buffer.from(await nodeFiles.readBounded(path, 10_000)) };
}

/** A right answer to a range. */
function part({ headers }: Got, etag = '"a"'): Reply {
  const [, first = "0", last = "0"] = /^bytes=(\d+)-(\d+)$/.exec(headers["range"] ?? "") ?? [];
  const body = CONTENT.subarray(Number(first), Number(last) + 1);
  return {
    status: 206,
    headers: { etag, "content-range": `bytes ${first}-${last}/${CONTENT.length}` },
    body,
  };
}

test("a chunk lands at its own place, and says what it came from", async () => {
  const server = await httpScript(part);
  const source = blobAt(server.url);
  const { outcome, bytes, told } = await fetchChunk(source);
  expect(outcome).toEqual({ kind: "got" });
  expect(bytes.length).toBe(200);
  expect(bytes.subarray(100)).toEqual(CONTENT.subarray(100, 200));
  expect(told).toBe(100);
  expect(source.validator()).toBe('etag "a" 1000');
  expect(server.requests[0]?.headers).toMatchObject({
    range: "bytes=100-199",
    "accept-encoding": "identity",
  });
});

const WRONG: readonly (readonly [string, (got: Got) => Reply, string])[] = [
  ["another place", (got) => ({ ...part(got), headers: { "content-range": "bytes 0-99/1000" } }), "protocol"],
  ["a shorter whole", (got) => ({ ...part(got), headers: { "content-range": "bytes 100-199/500" } }), "size"],
  ["no range", (got) => ({ ...part(got), headers: {} }), "protocol"],
  ["too short a body", (got) => ({ ...part(got), body: CONTENT.subarray(100, 150) }), "protocol"],
  [
    "several parts",
    (got) => ({ ...part(got), headers: { "content-type": "multipart/byteranges" } }),
    "protocol",
  ],
  ["404", () => ({ status: 404 }), "not-found"],
  ["401", () => ({ status: 401 }), "auth"],
  ["416", () => ({ status: 416, headers: { "content-range": "bytes */100" } }), "size"],
];

test.each(WRONG)("%s: it fails and nothing is written", async (_name, reply, code) => {
  const server = await httpScript(reply);
  const { outcome, bytes } = await fetchChunk(blobAt(server.url));
  expect(outcome).toMatchObject({ kind: "failed", code });
  expect(bytes.length).toBe(0);
});

test("a server without ranges says so, and gives the whole", async () => {
  const server = await httpScript(() => ({ status: 200, body: CONTENT }));
  const source = blobAt(server.url);
  const { outcome, bytes } = await fetchChunk(source);
  expect(outcome).toEqual({ kind: "no-ranges" });
  expect(bytes.length).toBe(0);
  expect((await fetchChunk(source, 0, CONTENT.length)).outcome).toEqual({ kind: "got" });
  const path = `${tempDir()}/whole`;
  await nodeFiles.write(path, "");
  const file = await nodeFiles.openUpdate(path);
  const request = { file, signal: new AbortController().signal, onBytes: () => undefined };
  expect(await source.whole({ ...request, maxBytes: 1000 })).toEqual({ kind: "got", sizeBytes: 1000 });
  expect(await blobAt(server.url, { sizeBytes: null }).whole({ ...request, maxBytes: 999 })).toMatchObject({
    code: "too-large",
  });
  await file.close();
  expect(Buffer.from(await nodeFiles.readBounded(path, 10_000))).toEqual(CONTENT);
});

test("another version is told from the first one, also across runs", async () => {
  let etag = '"a"';
  const server = await httpScript((got) => part(got, etag));
  const source = blobAt(server.url);
  await fetchChunk(source);
  etag = '"b"';
  expect((await fetchChunk(source)).outcome).toMatchObject({ kind: "changed" });
  source.forget();
  expect((await fetchChunk(source)).outcome).toEqual({ kind: "got" });
  const later = blobAt(server.url);
  later.expect('etag "a" 1000');
  expect(await fetchChunk(later)).toMatchObject({ outcome: { kind: "changed" }, bytes: Buffer.alloc(0) });
});

test("faults of a real server fail with their names", async () => {
  const server = await faultyServer({ content: { "/blob": { bytes: CONTENT } } });
  const outcomeOf = async (does: Parameters<typeof server.script>[0][number]["does"]): Promise<unknown> => {
    server.script([{ does, to: "any" }]);
    const { outcome } = await fetchChunk(blobAt(`${server.url}/blob`));
    return outcome.kind === "failed" ? `${outcome.code} ${outcome.retry}` : outcome.kind;
  };
  expect(await outcomeOf({ kind: "cut", afterBytes: 50 })).toBe("cut soon");
  expect(await outcomeOf({ kind: "short", missingBytes: 10 })).toMatch(/^(cut|protocol) soon$/);
  expect(await outcomeOf({ kind: "stall", afterBytes: 10 })).toBe("timeout soon");
  expect(await outcomeOf({ kind: "no-head" })).toBe("cut soon");
  expect(await outcomeOf({ kind: "garbage" })).toBe("protocol soon");
  expect(await outcomeOf({ kind: "gzip" })).toBe("protocol never");
  expect(await outcomeOf({ kind: "no-ranges" })).toBe("no-ranges");
  expect(await outcomeOf({ kind: "redirect-loop" })).toBe("redirect-loop never");
  server.script([{ does: { kind: "status", status: 503, retryAfter: "3" }, to: "any" }]);
  expect((await fetchChunk(blobAt(`${server.url}/blob`))).outcome).toMatchObject({
    afterMs: 3000,
    retry: "soon",
  });
  await server.close();
  // The first may still be sent on an old connection.
  await fetchChunk(blobAt(`${server.url}/blob`));
  expect((await fetchChunk(blobAt(`${server.url}/blob`))).outcome).toMatchObject({
    code: "refused",
    retry: "soon",
  });
});

test("an abort throws its reason", async () => {
  const server = await httpScript(() => new Promise<Reply>(() => undefined));
  const file = await nodeFiles.createNew(`${tempDir()}/f`, 0o600);
  const stop = new AbortController();
  const reason = new Error("enough");
  const chunk = blobAt(server.url).chunk({
    ...{ file, offsetBytes: 0, sizeBytes: 10, signal: stop.signal },
    onBytes: () => undefined,
  });
  stop.abort(reason);
  await expect(chunk).rejects.toBe(reason);
  await file.close();
});

test("a file that cannot be written is not the source's failure", async () => {
  const server = await httpScript(part);
  const path = `${tempDir()}/readonly`;
  await nodeFiles.write(path, "");
  const readOnly = await nodeFiles.openRead(path);
  const { signal } = new AbortController();
  const request = { file: readOnly, offsetBytes: 0, sizeBytes: 10, signal, onBytes: () => undefined };
  await expect(blobAt(server.url).chunk(request)).rejects.toMatchObject({ code: "EBADF" });
  await readOnly.close();
});

/** A front door that redirects to a signed URL, which ends when `expire` is called. */
async function signed(): Promise<{
  readonly front: ScriptedHttp;
  readonly cdn: ScriptedHttp;
  readonly expire: () => void;
}> {
  let key = 1;
  const cdn = await httpScript((got) => (got.target === `/x?sig=${key}` ? part(got) : { status: 403 }));
  const front = await httpScript(() => ({ status: 307, headers: { location: `${cdn.url}/x?sig=${key}` } }));
  return { front, cdn, expire: () => void (key += 1) };
}

test("a redirect's end is remembered until it expires, and then asked for anew", async () => {
  const { front, cdn, expire } = await signed();
  const source = blobAt(`${front.url}/blob`);
  for (const at of [0, 100, 200]) expect((await fetchChunk(source, at)).outcome).toEqual({ kind: "got" });
  expect(front.requests).toHaveLength(1);
  expire();
  expect((await fetchChunk(source, 300)).outcome).toEqual({ kind: "got" });
  expect(front.requests).toHaveLength(2);
  expect(cdn.requests).toHaveLength(5);
});
