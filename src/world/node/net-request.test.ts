import { expect, onTestFinished, test, vi } from "vitest";
import { failureOf, get, httpServer, rawServer, tcpServer } from "../../../test/support/net.ts";
import { nodeNet } from "./net.ts";

test("gives the whole answer, whatever its status", async () => {
  const origin = await httpServer((request, response) => {
    response.writeHead(418, { "set-cookie": ["a", "b"], "X-Seen": request.headers["accept-encoding"] });
    response.end(`${request.method} ${request.url}`);
  });
  const answer = await nodeNet.request(get(`${origin}/p/q?r=s#t`), 100);
  expect(answer).toMatchObject({ status: 418, headers: { "set-cookie": "a, b", "x-seen": "identity" } });
  expect(Buffer.from(answer.body).toString()).toBe("GET /p/q?r=s");
});

test("redirects are the caller's business", async () => {
  const origin = await httpServer((_request, response) => response.writeHead(302, { location: "/b" }).end());
  expect(await nodeNet.request(get(origin), 100)).toMatchObject({ status: 302, headers: { location: "/b" } });
});

test("a HEAD tells a length and has no body", async () => {
  const origin = await httpServer((_request, response) =>
    response.writeHead(200, { "content-length": 5 }).end(),
  );
  const answer = await nodeNet.request(get(origin, { method: "HEAD" }), 0);
  expect(answer).toMatchObject({ status: 200, headers: { "content-length": "5" } });
  expect(answer.body.length).toBe(0);
});

test("an informational answer is passed over", async () => {
  const origin = await rawServer(
    "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    false,
  );
  expect((await nodeNet.request(get(origin), 100)).status).toBe(200);
});

test("an answer beyond the bound is too large; one at the bound is not", async () => {
  const origin = await httpServer((_request, response) => response.end("12345"));
  expect(await failureOf(nodeNet.request(get(origin), 4))).toMatchObject({ failure: "too-large" });
  expect((await nodeNet.request(get(origin), 5)).body.length).toBe(5);
});

test("a header named __proto__ changes no object", async () => {
  const origin = await rawServer("HTTP/1.1 200 OK\r\n__proto__: x\r\ncontent-length: 0\r\n\r\n", false);
  const { headers } = await nodeNet.request(get(origin), 10);
  expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
});

test("an encoded error keeps its status and loses its body", async () => {
  const origin = await rawServer(
    "HTTP/1.1 503 Busy\r\ncontent-encoding: br\r\ncontent-length: 3\r\n\r\nabc",
    false,
  );
  const answer = await nodeNet.request(get(origin), 10);
  expect(answer.status).toBe(503);
  expect(answer.body.length).toBe(0);
});

test("nobody listens: refused", async () => {
  const port = await freePort();
  const error = await failureOf(nodeNet.request(get(`http://127.0.0.1:${port}/x?y`), 10));
  expect(error).toMatchObject({ failure: "refused", host: `127.0.0.1:${port}` });
  expect(error.message).toBe(`127.0.0.1:${port} refused the connection`);
});

test("an unknown name: dns", async () => {
  vi.stubEnv("http_proxy", "");
  onTestFinished(() => void vi.unstubAllEnvs());
  const error = await failureOf(nodeNet.request(get("http://no-such-host.invalid/secret"), 10));
  expect(error).toMatchObject({ failure: "dns", host: "no-such-host.invalid:80" });
});

test("a connection that is closed at once is cut", async () => {
  const port = await tcpServer((socket) => socket.destroy());
  expect(await failureOf(nodeNet.request(get(`http://127.0.0.1:${port}`), 10))).toMatchObject({
    failure: "cut",
  });
});

test("TLS with a server that speaks plain HTTP", async () => {
  const origin = await httpServer((_request, response) => response.end());
  const error = await failureOf(nodeNet.request(get(origin.replace("http", "https")), 10));
  expect(error).toMatchObject({ failure: "tls" });
});

test("a TLS handshake that never ends is a timeout", async () => {
  const port = await tcpServer(() => undefined);
  const request = get(`https://127.0.0.1:${port}`, { connectTimeoutMs: 150 });
  expect(await failureOf(nodeNet.request(request, 10))).toMatchObject({ failure: "timeout" });
  // The connection in the making must not hold this up.
  await nodeNet.close();
});

test.each([
  "ftp://a/b",
  "http://user:secret@a/b",
  "http://secret@a/",
  "file:///etc/passwd",
  "not a secret url",
])("%s is refused, without its words", async (url) => {
  const error = await failureOf(nodeNet.request(get(url), 10));
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).not.toMatch(/secret|passwd/);
});

test("a header that would break the request is refused", async () => {
  const origin = await httpServer((_request, response) => response.end());
  const headers = { "x-a": "b\r\nx-evil: secret" };
  const error = await failureOf(nodeNet.request(get(origin, { headers }), 10));
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).not.toContain("secret");
});

test("many requests share one signal, and nothing is printed", async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on("warning", hear);
  onTestFinished(() => void process.off("warning", hear));
  const origin = await httpServer((_request, response) => response.end("a"));
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 30 }, () => nodeNet.request(get(origin, { signal }), 10)));
  expect(warnings).toEqual([]);
});

test("it works again after a close", async () => {
  const origin = await httpServer((_request, response) => response.end("a"));
  await nodeNet.request(get(origin), 10);
  await nodeNet.close();
  await nodeNet.close();
  expect((await nodeNet.request(get(origin), 10)).status).toBe(200);
});

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
