import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createSecureServer } from "node:https";
import { onTestFinished } from "vitest";

/** A request that a scripted server got. */
export interface Got {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface ScriptedHttp {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly url: string;
  /** In the order in which they came. */
  readonly requests: readonly Got[];
}

/** A server on loopback that answers as a test says, and ends with it. */
export async function httpScript(
  answer: (got: Got) => Reply | Promise<Reply>,
  tls?: { readonly key: string; readonly cert: string },
): Promise<ScriptedHttp> {
  const requests: Got[] = [];
  const serve = async (request: IncomingMessage): Promise<Reply> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const got = {
      method: request.method ?? "",
      target: request.url ?? "",
      headers: request.headers as Readonly<Record<string, string>>,
      body: Buffer.concat(chunks).toString(),
    };
    requests.push(got);
    return await answer(got);
  };
  const handler: Parameters<typeof createServer>[1] = (request, response) => {
    serve(request).then(
      ({ status, headers = {}, body = "" }) => {
        const length =
          headers["content-length"] === undefined ? { "content-length": Buffer.byteLength(body) } : {};
        response
          .writeHead(status, { ...length, ...headers })
          .end(request.method === "HEAD" ? undefined : body);
      },
      () => response.destroy(),
    );
  };
  const server = tls === undefined ? createServer(handler) : createSecureServer(tls, handler);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, url: `${tls === undefined ? "http" : "https"}://${host}`, requests };
}
