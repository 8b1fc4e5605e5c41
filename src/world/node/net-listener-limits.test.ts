import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { failureOf, get, talk } from "../../../test/support/net.ts";
import { nodeNet } from "./net.ts";

import { CONTENT, listen, sources, text } from "../../../test/support/listen.ts";

test("a body that ends early is cut, and the signal tells it", async () => {
  const ended = withResolvers<readonly unknown[]>();
  const { listener } = await listen(async (incoming) => {
    const failure = await failureOf(incoming.readBody(1000));
    await sleep(20);
    ended.resolve([failure, incoming.signal.aborted]);
    return text(200, "");
  });
  const socket = connect(listener.port, "127.0.0.1", () => {
    socket.write("PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc", () => socket.destroy());
  });
  const [failure, aborted] = await ended.promise;
  expect(failure).toMatchObject({ failure: "cut" });
  expect(aborted).toBe(true);
});

test("a client that goes away aborts the signal, and its file is closed", async () => {
  const files = sources();
  const aborted = withResolvers<void>();
  const abort = new AbortController();
  const { origin } = await listen(async (incoming) => {
    incoming.signal.addEventListener("abort", () => aborted.resolve());
    abort.abort(new Error("stop"));
    await aborted.promise;
    return { status: 200, headers: {}, body: files.body(0, 1000) };
  });
  await failureOf(nodeNet.request(get(origin, { signal: abort.signal }), 10));
  await aborted.promise;
  await sleep(50);
  expect(files.open()).toBe(0);
});

test("a client that reads nothing is cut, and its file is closed", async () => {
  const files = sources();
  const { listener } = await listen(
    () => Promise.resolve({ status: 200, headers: {}, body: files.body(0, CONTENT.length) }),
    { idleTimeoutMs: 200 },
  );
  // Several answers in a row are more than the kernel's buffers hold.
  const socket = connect(listener.port, "127.0.0.1", () => {
    socket.pause();
    socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(8));
  });
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.on("error", () => undefined);
  await sleep(1000);
  expect(files.open()).toBe(0);
  socket.resume();
  await closed;
});

test("a head that dribbles in is cut, one that never begins as well", async () => {
  const { listener } = await listen(() => Promise.resolve(text(200, "")), { headTimeoutMs: 200 });
  const began = performance.now();
  const [half, none] = await Promise.all([
    talk(listener.port, "GET / HTTP/1.1\r\nhost: "),
    talk(listener.port, ""),
  ]);
  expect(performance.now() - began).toBeLessThan(3000);
  expect(half).not.toContain("200");
  expect(none).not.toContain("200");
});

test("a body that stands still is cut", async () => {
  const { listener } = await listen(
    async (incoming) => {
      await incoming.readBody(1000);
      return text(200, "");
    },
    { idleTimeoutMs: 200 },
  );
  const raw = await talk(listener.port, "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
  expect(raw).not.toContain("200 OK");
});

test("a handler may think longer than the silence that a body may have", async () => {
  const { origin } = await listen(
    async () => {
      await sleep(400);
      return text(200, "thought");
    },
    { idleTimeoutMs: 100 },
  );
  const body = { kind: "bytes", bytes: Buffer.from("abc") } as const;
  expect((await nodeNet.request(get(origin), 10)).status).toBe(200);
  expect((await nodeNet.request(get(origin, { method: "PUT", body }), 10)).status).toBe(200);
});

test("a handler that begins late to read a body that stands still is cut", async () => {
  const { listener } = await listen(
    async (incoming) => {
      await sleep(300);
      await incoming.readBody(1000);
      return text(200, "");
    },
    { idleTimeoutMs: 100 },
  );
  const raw = await talk(listener.port, "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
  expect(raw).not.toContain("200 OK");
});

test("a body that nobody reads does not keep its connection for ever", async () => {
  const { listener } = await listen(() => Promise.resolve(text(401, "no")));
  const socket = connect(listener.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n");
  const dribble = setInterval(() => socket.write("a"), 20);
  const began = performance.now();
  await new Promise((resolve) => socket.on("close", resolve));
  clearInterval(dribble);
  expect(performance.now() - began).toBeLessThan(5000);
});

test("heads beyond 64 KiB and too many connections are turned away", async () => {
  const { listener } = await listen(() => Promise.resolve(text(200, "")), { maxConnections: 2 });
  const head = `GET / HTTP/1.1\r\nhost: a\r\nx-a: ${"b".repeat(70_000)}\r\n\r\n`;
  expect(await talk(listener.port, head)).toContain("431");
  const held = [1, 2].map(() => connect(listener.port, "127.0.0.1"));
  await sleep(50);
  expect(await talk(listener.port, "GET / HTTP/1.1\r\nhost: a\r\n\r\n")).toBe("");
  held.forEach((socket) => socket.destroy());
});

test("close lets a request end, and takes no new one", async () => {
  const began = withResolvers<void>();
  const { listener, origin } = await listen(async () => {
    began.resolve();
    await sleep(200);
    return text(200, "late");
  });
  const asked = nodeNet.request(get(origin), 10);
  await began.promise;
  const closed = listener.close(5000);
  expect(await failureOf(nodeNet.request(get(origin), 10))).toMatchObject({ name: "NetError" });
  expect((await asked).status).toBe(200);
  const since = performance.now();
  await closed;
  expect(performance.now() - since).toBeLessThan(2000);
});

test("close cuts what takes longer than its grace, and waits for the handler", async () => {
  let ended = false;
  const began = withResolvers<void>();
  const { listener, origin } = await listen(async (incoming) => {
    began.resolve();
    await new Promise((resolve) => incoming.signal.addEventListener("abort", resolve));
    await sleep(50);
    ended = true;
    return text(200, "");
  });
  const asked = failureOf(nodeNet.request(get(origin), 10));
  await began.promise;
  await listener.close(50);
  expect(ended).toBe(true);
  expect(await asked).toMatchObject({ failure: "cut" });
});

test("a port that is taken is the system's error", async () => {
  const { listener } = await listen(() => Promise.resolve(text(200, "")));
  const again = listen(() => Promise.resolve(text(200, "")), { port: listener.port });
  expect(await failureOf(again)).toMatchObject({ code: "EADDRINUSE" });
});

interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function withResolvers<T>(): Resolvers<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
