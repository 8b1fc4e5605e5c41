import { writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { failureOf, get, httpServer, pattern, tcpServer } from "../../../test/support/net.ts";
import { tempDir } from "../../../test/support/temp.ts";
import type { NetBody } from "../net.ts";
import { openToRead } from "./open-file.ts";
import { nodeNet } from "./net.ts";

const CONTENT = pattern(3_000_001);

function fileBody(offsetBytes: number, sizeBytes: number, onBytes?: (bytes: number) => void): NetBody {
  const path = join(tempDir(), "source");
  writeFileSync(path, CONTENT);
  const file = openToRead(path);
  onTestFinished(() => file.close());
  return { kind: "file", file, offsetBytes, sizeBytes, ...(onBytes === undefined ? {} : { onBytes }) };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A server that tells what it got. */
function collector(seen: { body?: Buffer; length?: string | undefined }): Promise<string> {
  return httpServer((request, response) => {
    void bodyOf(request).then(
      (body) => {
        seen.body = body;
        seen.length = request.headers["content-length"];
        response.writeHead(201).end();
      },
      () => undefined,
    );
  });
}

test.each([0, 1, 1000, 64 * 1024, 64 * 1024 + 1, 1_000_000])("sends %d bytes from memory", async (size) => {
  const seen: { body?: Buffer; length?: string } = {};
  const bytes = CONTENT.subarray(7, 7 + size);
  const request = get(await collector(seen), { method: "PUT", body: { kind: "bytes", bytes } });
  expect((await nodeNet.request(request, 10)).status).toBe(201);
  expect(seen.length).toBe(String(size));
  expect(seen.body?.equals(bytes)).toBe(true);
});

test("a POST without a body says so", async () => {
  const seen: { body?: Buffer; length?: string } = {};
  await nodeNet.request(get(await collector(seen), { method: "POST" }), 10);
  expect(seen.length).toBe("0");
});

test("sends a part of a file with its length, and tells each piece", async () => {
  const seen: { body?: Buffer; length?: string } = {};
  let told = 0;
  const body = fileBody(1000, 2_500_000, (bytes) => {
    told += bytes;
  });
  const answer = await nodeNet.request(get(await collector(seen), { method: "PATCH", body }), 10);
  expect(answer.status).toBe(201);
  expect(seen.length).toBe("2500000");
  expect(seen.body?.equals(CONTENT.subarray(1000, 2_501_000))).toBe(true);
  expect(told).toBe(2_500_000);
});

test("a file that is too short is the system's error", async () => {
  const origin = await collector({});
  const body = fileBody(1000, CONTENT.length);
  const error = await failureOf(nodeNet.request(get(origin, { method: "PUT", body }), 10));
  expect(error).toMatchObject({ code: "EIO" });
});

test("an early refusal that closes is the answer", async () => {
  const port = await tcpServer((socket) => {
    socket.once("data", () => {
      socket.end("HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig");
    });
  });
  const body: NetBody = { kind: "bytes", bytes: Buffer.alloc(30_000_000) };
  const answer = await nodeNet.request(get(`http://127.0.0.1:${port}`, { method: "PUT", body }), 10);
  expect(answer.status).toBe(413);
  expect(Buffer.from(answer.body).toString()).toBe("big");
});

test("a server that takes no more is a timeout", async () => {
  const port = await tcpServer((socket) => socket.pause());
  const body: NetBody = { kind: "bytes", bytes: Buffer.alloc(60_000_000) };
  const request = get(`http://127.0.0.1:${port}`, { method: "PUT", body, idleTimeoutMs: 150 });
  const error = await failureOf(nodeNet.request(request, 10));
  expect(error).toMatchObject({ failure: "timeout" });
  expect(error.message).toContain("took no more");
});

test("a server that takes all and says nothing is a timeout", async () => {
  const port = await tcpServer((socket) => socket.resume());
  const body: NetBody = { kind: "bytes", bytes: Buffer.alloc(1_000_000) };
  const request = get(`http://127.0.0.1:${port}`, { method: "PUT", body, headTimeoutMs: 150 });
  expect((await failureOf(nodeNet.request(request, 10))).message).toContain("did not answer");
});

test("a server that goes away is a cut", async () => {
  const port = await tcpServer((socket) => {
    socket.once("data", () => socket.destroy());
  });
  const body: NetBody = { kind: "bytes", bytes: Buffer.alloc(30_000_000) };
  const request = get(`http://127.0.0.1:${port}`, { method: "PUT", body });
  expect(await failureOf(nodeNet.request(request, 10))).toMatchObject({ failure: "cut" });
});

test("after an abort the file is not read any more", async () => {
  const port = await tcpServer((socket) => socket.pause());
  const path = join(tempDir(), "source");
  writeFileSync(path, Buffer.alloc(40_000_000));
  const file = openToRead(path);
  let reading = 0;
  let reads = 0;
  const counted = Object.create(file) as typeof file;
  counted.readAt = async (buffer, offset) => {
    reading += 1;
    reads += 1;
    await sleep(5);
    const got = await file.readAt(buffer, offset);
    reading -= 1;
    return got;
  };
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error("stop")), 32);
  const body: NetBody = { kind: "file", file: counted, offsetBytes: 0, sizeBytes: 40_000_000 };
  const request = get(`http://127.0.0.1:${port}`, { method: "PUT", body, signal: abort.signal });
  expect((await failureOf(nodeNet.request(request, 10))).message).toBe("stop");
  expect(reading).toBe(0);
  const before = reads;
  await file.close();
  await sleep(50);
  expect(reads).toBe(before);
});
