import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { notRun } from "../../../test/support/needs.ts";
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
import { askElsewhere } from "../../../test/support/net-elsewhere.ts";
import type { NetBody } from "../net.ts";
import { nodeNet } from "./net.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** A server that says something else to each request, by connection and by turn, both from 0. */
async function scripted(
  say: (socket: Socket, connection: number, turn: number) => void,
): Promise<{ readonly origin: string; connections(): number }> {
  let connections = 0;
  const port = await tcpServer((socket) => {
    const connection = connections;
    let turn = 0;
    connections += 1;
    socket.on("data", () => {
      say(socket, connection, turn);
      turn += 1;
    });
  });
  return { origin: `http://127.0.0.1:${port}`, connections: () => connections };
}

/** Keeps the first connection and closes it at its second request. */
const closing = (socket: Socket, connection: number, turn: number): void => {
  if (connection === 0 && turn === 1) socket.destroy();
  else socket.write(OK);
};

test.each(["GET", "HEAD"] as const)(
  "a %s on a kept connection that just closed is sent again",
  async (method) => {
    const head = method === "HEAD" ? "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n" : OK;
    const server = await scripted((socket, connection, turn) => {
      if (connection === 0 && turn === 1) socket.destroy();
      else socket.write(head);
    });
    await nodeNet.request(get(server.origin, { method }), 10);
    expect((await nodeNet.request(get(server.origin, { method }), 10)).status).toBe(200);
    expect(server.connections()).toBe(2);
  },
);

test("what changes something is never sent again by itself", async () => {
  const server = await scripted(closing);
  await nodeNet.request(get(server.origin), 10);
  const body: NetBody = { kind: "bytes", bytes: Buffer.from("a") };
  const error = await failureOf(nodeNet.request(get(server.origin, { method: "PUT", body }), 10));
  expect(error).toMatchObject({ failure: "cut" });
  expect(server.connections()).toBe(1);
});

test("it is sent again once only, and over a fresh connection", async () => {
  const server = await scripted((socket, connection, turn) => {
    if (connection === 0 && turn === 0) socket.write(OK);
    else socket.destroy();
  });
  await nodeNet.request(get(server.origin), 10);
  expect(await failureOf(nodeNet.request(get(server.origin), 10))).toMatchObject({ failure: "cut" });
  expect(server.connections()).toBe(2);
});

test("a request whose answer began is not sent again", async () => {
  const server = await scripted((socket, _connection, turn) => {
    if (turn === 0) socket.write(OK);
    else socket.end("HTTP/1.1 2");
  });
  await nodeNet.request(get(server.origin), 10);
  expect(await failureOf(nodeNet.request(get(server.origin), 10))).toMatchObject({ failure: "cut" });
  expect(server.connections()).toBe(1);
});

test("the connection of a stopped request is closed, not kept", async () => {
  const sockets = new Set<Socket>();
  const origin = await httpServer((request, response) => {
    sockets.add(request.socket);
    response.end(pattern(4_000_000));
  });
  const abort = new AbortController();
  const stop = into(target(), { onBytes: () => abort.abort(new Error("enough")) });
  expect((await failureOf(nodeNet.download(get(origin, { signal: abort.signal }), stop))).message).toBe(
    "enough",
  );
  expect(await nodeNet.download(get(origin), into(target()))).toMatchObject({ sizeBytes: 4_000_000 });
  expect(sockets.size).toBe(2);
});

test("an answer before the body was sent ends its connection", async () => {
  const server = await scripted((socket, connection, turn) => {
    if (turn === 0) socket.write(connection === 0 ? OK.replace("200 OK", "403 No") : OK);
  });
  const body: NetBody = { kind: "bytes", bytes: Buffer.alloc(50_000_000) };
  expect((await nodeNet.request(get(server.origin, { method: "PUT", body }), 10)).status).toBe(403);
  expect((await nodeNet.request(get(server.origin), 10)).status).toBe(200);
  expect(server.connections()).toBe(2);
});

test("what a server says unasked is no answer to the next request", async () => {
  const server = await scripted((socket, connection) => {
    socket.write(OK);
    if (connection === 0) setTimeout(() => socket.write(OK.replace("200 OK", "500 Wrong")), 20);
  });
  await nodeNet.request(get(server.origin), 10);
  await sleep(60);
  expect((await nodeNet.request(get(server.origin), 10)).status).toBe(200);
  expect(server.connections()).toBe(2);
});

test.each([
  ["that closes", `${OK.replace("200 OK", "200 OK\r\nconnection: close")}more`],
  ["that is kept", `${OK}more`],
])("bytes behind the answer of a connection %s spoil nothing", async (_name, answer) => {
  const origin = await rawServer(answer, false);
  expect(Buffer.from((await nodeNet.request(get(origin), 10)).body).toString()).toBe("ok");
  expect(Buffer.from((await nodeNet.request(get(origin), 10)).body).toString()).toBe("ok");
});

test("a change of protocol that nobody asked for is a protocol error", async () => {
  const origin = await rawServer(
    "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    false,
  );
  expect(await failureOf(nodeNet.request(get(origin), 10))).toMatchObject({ failure: "protocol" });
});

test("requests that are stopped as they start leave no error behind", async () => {
  const errors: unknown[] = [];
  const hear = (error: unknown): void => void errors.push(error);
  process.on("uncaughtException", hear);
  onTestFinished(() => void process.off("uncaughtException", hear));
  const port = await tcpServer((socket) => socket.destroy());
  const abort = new AbortController();
  const reason = new Error("enough");
  // Nobody listens at port 1, and the other closes at once.
  const asked = ["http", "https"].flatMap((scheme) =>
    [1, port].map((at) =>
      failureOf(nodeNet.request(get(`${scheme}://127.0.0.1:${at}`, { signal: abort.signal }), 1)),
    ),
  );
  abort.abort(reason);
  expect(await Promise.all(asked)).toEqual(asked.map(() => reason));
  await sleep(50);
  expect(errors).toEqual([]);
});

test("a close lets a request in progress end, and waits for it", async () => {
  let ended = false;
  const origin = await httpServer((_request, response) => {
    response.write("a");
    setTimeout(() => {
      ended = true;
      response.end("b");
    }, 100);
  });
  const asked = nodeNet.request(get(origin), 10);
  await sleep(30);
  await nodeNet.close();
  expect(ended).toBe(true);
  expect(Buffer.from((await asked).body).toString()).toBe("ab");
});

test("a request needs little address space", async (context) => {
  if (process.platform !== "linux") notRun(context, "/proc/self/status", "Linux");
  const origin = await httpServer((_request, response) => response.end("a"));
  const after = `console.log(/VmPeak:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]);`;
  const [answer, peakKiB] = (await askElsewhere(origin, { after })).split("\n");
  expect(answer).toBe("200 a");
  expect(Number(peakKiB)).toBeGreaterThan(0);
  expect(Number(peakKiB)).toBeLessThan(4 * 1024 * 1024);
});
