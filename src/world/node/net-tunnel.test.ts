import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { failureOf, get, tcpServer } from "../../../test/support/net.ts";
import {
  askElsewhere,
  type Certificate,
  certificate,
  tlsServer,
} from "../../../test/support/net-elsewhere.ts";
import { nodeNet } from "./net.ts";

/** A proxy that opens tunnels to this machine, whatever name is asked for. */
async function tunnelProxy(
  tls: Certificate["tls"] | null,
): Promise<{ readonly port: number; asked(): number }> {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server: Server =
    tls === null
      ? createHttpServer()
      : createHttpsServer({ cert: Buffer.from(tls.certificate), key: Buffer.from(tls.key) });
  server.on("connect", (request, socket: Socket) => {
    asked += 1;
    const onward = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on("error", () => undefined);
    }
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, asked: () => asked };
}

for (const scheme of ["http", "https"] as const) {
  test(`an ${scheme} proxy opens one tunnel for many requests`, async (context) => {
    // One certificate for both: the server has a name, the proxy an address.
    const certified = certificate(context, "DNS:server.invalid,IP:127.0.0.1");
    const proxy = await tunnelProxy(scheme === "https" ? certified.tls : null);
    const url = `https://server.invalid:${await tlsServer(certified)}/`;
    const env = {
      NODE_EXTRA_CA_CERTS: certified.path,
      https_proxy: `${scheme}://127.0.0.1:${proxy.port}`,
      no_proxy: "",
      NO_PROXY: "",
    };
    expect(await askElsewhere(url, { env, times: 3 })).toBe("200 safe\n200 safe\n200 safe");
    expect(proxy.asked()).toBe(1);
  });
}

test("a tunnel ends with the other side's name, and another's certificate is refused", async (context) => {
  const certified = certificate(context, "DNS:other.invalid,IP:127.0.0.1");
  const proxy = await tunnelProxy(null);
  const url = `https://server.invalid:${await tlsServer(certified)}/`;
  const env = {
    NODE_EXTRA_CA_CERTS: certified.path,
    https_proxy: `http://127.0.0.1:${proxy.port}`,
    no_proxy: "",
    NO_PROXY: "",
  };
  expect(await askElsewhere(url, { env })).toBe("tls");
});

test("a proxy whose own certificate is not vouched for gets nothing", async (context) => {
  const proxy = await tunnelProxy(certificate(context, "IP:127.0.0.1").tls);
  throughProxy(`https://127.0.0.1:${proxy.port}`);
  const error = await failureOf(nodeNet.request(get("https://server.invalid/"), 10));
  expect(error).toMatchObject({ failure: "tls" });
  expect(proxy.asked()).toBe(0);
});

test("bytes that a proxy sends before the server could are its own, and no tunnel", async () => {
  const port = await tcpServer((socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"));
  });
  throughProxy(`http://127.0.0.1:${port}`);
  const error = await failureOf(nodeNet.request(get("https://server.invalid/"), 10));
  expect(error).toMatchObject({ failure: "refused" });
});

test("an abort while the proxy is asked is heard at once, and holds no close up", async () => {
  let closed = false;
  const port = await tcpServer((socket) => socket.resume().on("close", () => (closed = true)));
  throughProxy(`http://127.0.0.1:${port}`);
  const abort = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => abort.abort(reason), 50);
  const request = get("https://server.invalid/", { signal: abort.signal, connectTimeoutMs: 60_000 });
  expect(await failureOf(nodeNet.request(request, 10))).toBe(reason);
  await nodeNet.close();
  await vi.waitFor(() => expect(closed).toBe(true));
});

function throughProxy(url: string): void {
  for (const name of ["no_proxy", "NO_PROXY"]) vi.stubEnv(name, undefined);
  vi.stubEnv("https_proxy", url);
  onTestFinished(() => void vi.unstubAllEnvs());
}
