import { openSync, readSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { TokenBucket } from "./bucket.ts";

// A process of its own: `throttled-server FILE BYTES_PER_SECOND`. Serves one file at /model.gguf, with ranges and an
// ETag, at this rate in total over all connections; /sent says how many of its bytes went out. Prints its port.

const STEP_BYTES = 128 * 1024;

const [path = "", rate = "0"] = process.argv.slice(-2);
const file = openSync(path, "r");
const sizeBytes = statSync(path).size;
const bucket = new TokenBucket(Number(rate));
let sentBytes = 0;

const server = createServer((request, response) => {
  response.on("error", () => {});
  if (request.url === "/sent") return void response.end(JSON.stringify({ sentBytes }));
  if (request.url !== "/model.gguf") return void response.writeHead(404).end();
  send(request, response).catch(() => response.destroy());
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});

async function send(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = Number(range?.[1] ?? 0);
  const last = range?.[2];
  const end = last === undefined || last === "" ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  response.writeHead(range === null ? 200 : 206, {
    etag: `"${sizeBytes}"`,
    "accept-ranges": "bytes",
    "content-length": end - start,
    ...(range === null ? {} : { "content-range": `bytes ${start}-${end - 1}/${sizeBytes}` }),
  });
  if (request.method === "HEAD") return void response.end();
  for (let at = start; at < end && !response.destroyed; at += STEP_BYTES) {
    const part = Buffer.allocUnsafe(Math.min(STEP_BYTES, end - at));
    readSync(file, part, 0, part.length, at);
    await bucket.take(part.length);
    sentBytes += part.length;
    if (!response.write(part)) await drained(response);
  }
  response.end();
}

/** Resolves when more can be written, or when nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
