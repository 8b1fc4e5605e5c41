import { connect } from "node:net";
import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { failureOf, get, httpServer, into, pattern, target, tcpServer } from "../../../test/support/net.ts";
import { nodeNet } from "./net.ts";

// A name that no resolver knows: only a proxy can get there.
const HOST = "server.invalid";

beforeEach(() => {
  for (const name of ["http_proxy", "https_proxy", "no_proxy", "NO_PROXY"]) vi.stubEnv(name, undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await nodeNet.close();
});

test("plain HTTP is forwarded by the proxy, with its credentials", async () => {
  const body = pattern(100_000);
  const origin = await httpServer((request, response) => {
    response.writeHead(200, { "x-host": request.headers.host, "x-url": request.url }).end(body);
  });
  const seen: unknown[] = [];
  const proxy = await httpServer((request, response) => {
    seen.push(request.url, request.headers["proxy-authorization"]);
    const url = new URL(request.url ?? "");
    const onward = httpRequest(
      `${origin}${url.pathname}`,
      { headers: { host: request.headers.host } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.end();
  });
  vi.stubEnv("http_proxy", proxy.replace("//", "//user:pass@"));
  const to = target();
  const done = await nodeNet.download(get(`http://${HOST}:81/a/b?c`), into(to));
  expect(done).toMatchObject({
    kind: "taken",
    head: { headers: { "x-host": `${HOST}:81`, "x-url": "/a/b" } },
  });
  expect(to.content().equals(body)).toBe(true);
  expect(seen).toEqual([`http://${HOST}:81/a/b?c`, `Basic ${Buffer.from("user:pass").toString("base64")}`]);
});

test("HTTPS asks the proxy for a tunnel, and TLS is between us and the server", async () => {
  const heads: string[] = [];
  const plain = await httpServer((_request, response) => response.end());
  const proxyPort = await tcpServer((socket) => {
    socket.once("data", (head: Buffer) => {
      heads.push(head.toString());
      const onward = connect(Number(new URL(plain).port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      onward.on("error", () => undefined);
    });
  });
  vi.stubEnv("HTTPS_PROXY", `http://user:secret@127.0.0.1:${proxyPort}`);
  const error = await failureOf(nodeNet.request(get(`https://${HOST}/path`), 10));
  // The server behind the tunnel speaks no TLS: the handshake reached it.
  expect(error).toMatchObject({ failure: "tls", host: `${HOST}:443` });
  expect(heads[0]).toContain(`CONNECT ${HOST}:443 HTTP/1.1`);
  expect(heads[0]).toContain(`Basic ${Buffer.from("user:secret").toString("base64")}`);
  expect(error.message).toContain(`through the proxy 127.0.0.1:${proxyPort}`);
  expect(error.message).not.toContain("secret");
});

test.each([
  [
    "refuses the tunnel",
    "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
    "refused",
  ],
  ["hangs up", "", "cut"],
])("a proxy that %s", async (_name, answer, failure) => {
  const port = await tcpServer((socket) => {
    socket.once("data", () => socket.end(answer));
  });
  vi.stubEnv("HTTPS_PROXY", `http://user:secret@127.0.0.1:${port}`);
  const error = await failureOf(nodeNet.request(get(`https://${HOST}/`), 10));
  expect(error).toMatchObject({ name: "NetError", failure });
  expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain("secret");
});

test("a proxy that says nothing is a timeout", async () => {
  const port = await tcpServer(() => undefined);
  vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${port}`);
  const request = get(`https://${HOST}/`, { connectTimeoutMs: 150 });
  expect(await failureOf(nodeNet.request(request, 10))).toMatchObject({ failure: "timeout" });
});

test("a 407 of a forwarding proxy is an answer", async () => {
  vi.stubEnv("http_proxy", await httpServer((_request, response) => response.writeHead(407).end()));
  expect((await nodeNet.request(get(`http://${HOST}/`), 10)).status).toBe(407);
});

test("a proxy that hangs up is not asked again and again", async () => {
  let connections = 0;
  const port = await tcpServer((socket) => {
    connections += 1;
    socket.once("data", () => socket.end());
  });
  vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${port}`);
  await failureOf(nodeNet.request(get(`https://${HOST}/`), 10));
  expect(connections).toBeLessThanOrEqual(2);
});
