import { createReadStream, existsSync, openSync } from "node:fs";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import {
  failureOf,
  get,
  httpServer,
  into,
  pattern,
  rawServer,
  target,
  tcpServer,
} from "../../../test/support/net.ts";
import { notRun } from "../../../test/support/needs.ts";
import type { OpenFile } from "../files.ts";
import { NetError } from "../net.ts";
import { openToUpdate } from "./open-file.ts";
import { nodeNet } from "./net.ts";

const BODY = pattern(3 * 1024 * 1024 + 17);

test("writes a whole body, and tells each piece", async () => {
  const origin = await httpServer((_request, response) => response.end(BODY));
  const to = target();
  let told = 0;
  const sink = into(to, {
    onBytes: (bytes) => {
      told += bytes;
    },
  });
  const done = await nodeNet.download(get(`${origin}/a?b`), sink);
  expect(done).toMatchObject({ kind: "taken", sizeBytes: BODY.length, head: { status: 200 } });
  expect(told).toBe(BODY.length);
  expect(to.content().equals(BODY)).toBe(true);
});

test("writes ranges of one file in parallel, over kept connections", async () => {
  const connections = new Set<Socket>();
  const origin = await httpServer((request, response) => {
    const [, from = "", upTo = ""] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    response.writeHead(206).end(BODY.subarray(Number(from), Number(upTo) + 1));
    connections.add(request.socket);
  });
  const to = target();
  const step = 100_000;
  const offsets = Array.from({ length: Math.ceil(BODY.length / step) }, (_, index) => index * step);
  const worker = async (): Promise<void> => {
    for (let offset = offsets.pop(); offset !== undefined; offset = offsets.pop()) {
      const size = Math.min(step, BODY.length - offset);
      const range = { range: `bytes=${offset}-${offset + size - 1}` };
      const sink = into(to, { offsetBytes: offset, maxBytes: size });
      const done = await nodeNet.download(get(origin, { headers: range }), sink);
      expect(done).toMatchObject({ kind: "taken", sizeBytes: size });
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  expect(to.content().equals(BODY)).toBe(true);
  expect(connections.size).toBeLessThanOrEqual(8);
});

test("a refused head gives the first of its body aside", async () => {
  const origin = await httpServer((_request, response) => response.writeHead(404, { "x-a": "b" }).end(BODY));
  const to = target();
  const done = await nodeNet.download(get(origin), into(to));
  if (done.kind !== "refused") throw new Error(done.kind);
  expect(done.answer).toMatchObject({ status: 404, headers: { "x-a": "b" } });
  expect(done.answer.body.length).toBe(64 * 1024);
  expect(to.content().length).toBe(0);
});

test("an abort throws the signal's reason, and nothing is written after it", async () => {
  // Endless: whatever still wrote would be seen.
  const port = await tcpServer((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const pump = (): void => {
        while (socket.writable && socket.write(BODY));
      };
      socket.on("drain", pump);
      pump();
    });
  });
  const to = target();
  const abort = new AbortController();
  const reason = new Error("enough");
  let told = 0;
  const sink = into(to, {
    onBytes(bytes) {
      told += bytes;
      if (told > 20_000_000) abort.abort(reason);
    },
  });
  const request = get(`http://127.0.0.1:${port}`, { signal: abort.signal });
  expect(await failureOf(nodeNet.download(request, sink))).toBe(reason);
  const size = to.content().length;
  expect(size).toBe(told);
  await sleep(100);
  expect(to.content().length).toBe(size);
  expect(told).toBe(size);
});

test("aborted before it began, and while it waits for the head", async () => {
  const origin = await rawServer("", false);
  const reason = new Error("stop");
  expect(
    await failureOf(nodeNet.download(get(origin, { signal: AbortSignal.abort(reason) }), into(target()))),
  ).toBe(reason);
  const abort = new AbortController();
  setTimeout(() => abort.abort(reason), 50);
  expect(await failureOf(nodeNet.download(get(origin, { signal: abort.signal }), into(target())))).toBe(
    reason,
  );
});

test("a full disk rejects with the system's error", async (context) => {
  if (!existsSync("/dev/full")) notRun(context, "/dev/full", "Linux");
  const origin = await httpServer((_request, response) => response.end(BODY));
  const file = openToUpdate("/dev/full");
  onTestFinished(() => file.close());
  const error = await failureOf(nodeNet.download(get(origin), into({ ...target(), file })));
  expect(error).toMatchObject({ code: "ENOSPC" });
  expect(error).not.toBeInstanceOf(NetError);
});

test("refuses a file of another world and a closed one, before it asks", async () => {
  let asked = 0;
  const origin = await httpServer((_request, response) => {
    asked += 1;
    response.end();
  });
  const to = target();
  const foreign = {} as OpenFile;
  expect(await failureOf(nodeNet.download(get(origin), into({ ...to, file: foreign })))).toBeInstanceOf(
    TypeError,
  );
  await to.file.close();
  expect(await failureOf(nodeNet.download(get(origin), into(to)))).toBeInstanceOf(TypeError);
  expect(asked).toBe(0);
});

test("timers run while a body pours in", async () => {
  const origin = await httpServer((_request, response) => {
    createReadStream("/dev/zero", { fd: openSync("/dev/zero", "r"), end: 128 * 1024 * 1024 - 1 }).pipe(
      response,
    );
  });
  const to = target();
  let turns = 0;
  let longestMs = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last);
    last = performance.now();
    turns += 1;
  }, 5);
  await nodeNet.download(get(origin), into(to));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
  expect(longestMs).toBeLessThan(1000);
});

test("what `take` throws comes out", async () => {
  const origin = await httpServer((_request, response) => response.end("a"));
  const reason = new Error("mine");
  const sink = into(target(), {
    take() {
      throw reason;
    },
  });
  expect(await failureOf(nodeNet.download(get(origin), sink))).toBe(reason);
});
