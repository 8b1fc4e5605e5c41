import { expect, test } from "vitest";
import { failureOf, get, httpServer, into, pattern, rawServer, target } from "../../../test/support/net.ts";
import { nodeNet } from "./net.ts";

const BODY = pattern(3 * 1024 * 1024 + 17);

test.each([
  ["shorter than its Content-Length", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc"],
  [
    "shorter, on a connection that was to close",
    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 100\r\n\r\nabc",
  ],
  ["chunks without an end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"],
  ["half a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc"],
])("%s is cut; what came stays", async (_name, answer) => {
  const origin = await rawServer(answer, true);
  const to = target();
  const error = await failureOf(nodeNet.download(get(origin), into(to)));
  expect(error).toMatchObject({ name: "NetError", failure: "cut" });
  expect(to.content().toString()).toBe("abc");
});

test.each([
  ["no HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n"],
  ["a head beyond 64 KiB", `HTTP/1.1 200 OK\r\n${`x-a: ${"b".repeat(1000)}\r\n`.repeat(70)}\r\n`],
  ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
  [
    "an encoding that was not asked for",
    "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
  ],
])("%s is a protocol error, and nothing is written", async (_name, answer) => {
  const origin = await rawServer(answer, false);
  const to = target();
  const error = await failureOf(nodeNet.download(get(origin), into(to)));
  expect(error).toMatchObject({ name: "NetError", failure: "protocol" });
  expect(to.content().length).toBe(0);
});

test("a head that ends without a word more is cut", async () => {
  const origin = await rawServer("HTTP/1.1 200 OK\r\ncontent-le", true);
  expect(await failureOf(nodeNet.download(get(origin), into(target())))).toMatchObject({ failure: "cut" });
});

test("too much is told by the length, before anything is written", async () => {
  const origin = await httpServer((_request, response) => response.end("0123456789"));
  const to = target();
  const error = await failureOf(nodeNet.download(get(origin), into(to, { maxBytes: 9 })));
  expect(error).toMatchObject({ failure: "too-large" });
  expect(to.content().length).toBe(0);
});

test("nothing is written beyond the most that is allowed", async () => {
  const origin = await httpServer((_request, response) => {
    response.write(BODY);
    response.end(BODY);
  });
  const to = target();
  const error = await failureOf(
    nodeNet.download(get(origin), into(to, { offsetBytes: 5, maxBytes: 99_999 })),
  );
  expect(error).toMatchObject({ failure: "too-large" });
  expect(to.content().length).toBeLessThanOrEqual(5 + 99_999);
});

test("a refused body that is cut is refused all the same", async () => {
  const origin = await rawServer("HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\nlater", true);
  const done = await nodeNet.download(get(origin), into(target()));
  if (done.kind !== "refused") throw new Error(done.kind);
  expect(Buffer.from(done.answer.body).toString()).toBe("later");
});

test.each([
  ["no head", "", { headTimeoutMs: 100 }, "did not answer in time"],
  ["half a head", "HTTP/1.1 200 OK\r\nx-a: ", { headTimeoutMs: 100 }, "did not answer in time"],
  [
    "a body that stands still",
    "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc",
    { idleTimeoutMs: 100 },
    "nothing more",
  ],
])("%s times out", async (_name, answer, limits, says) => {
  const origin = await rawServer(answer, false);
  const error = await failureOf(nodeNet.download(get(`${origin}/secret?key=1`, limits), into(target())));
  expect(error).toMatchObject({ failure: "timeout", host: origin.replace("http://", "") });
  expect(error.message).toContain(says);
  expect(error.message).not.toMatch(/secret|key/);
});

test("a slow body is no still one", async () => {
  const origin = await httpServer((_request, response) => {
    let turn = 0;
    const timer = setInterval(() => {
      turn += 1;
      if (turn <= 8) response.write("a");
      else clearInterval(timer);
      if (turn > 8) response.end();
    }, 60);
  });
  const to = target();
  await nodeNet.download(get(origin, { idleTimeoutMs: 200 }), into(to));
  expect(to.content().toString()).toBe("aaaaaaaa");
});
