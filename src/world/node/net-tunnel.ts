import { type ClientRequest, request as httpRequest } from "node:http";
import { type RequestOptions, request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { SecureAgent, unheard } from "./net-agents.ts";
import { MAX_HEAD_BYTES } from "./net-head.ts";
import { addressOf, type Proxy } from "./net-proxy.ts";

type Opened = (error: Error | null, stream: Duplex) => void;

/** Keeps connections of HTTPS that go through a proxy's tunnel. TLS is between us and the server. */
export class TunnelAgent extends SecureAgent {
  readonly #proxy: Proxy;
  readonly #timeoutMs: number;
  readonly #asking = new Set<ClientRequest>();

  /** `timeoutMs` is for the proxy's answer. */
  constructor(proxy: Proxy, timeoutMs: number) {
    super();
    this.#proxy = proxy;
    this.#timeoutMs = timeoutMs;
  }

  override createConnection(options: RequestOptions, opened?: Opened): undefined {
    const asking = this.#ask(`${inUrl(options.host ?? "")}:${options.port ?? 443}`);
    const settled = (): boolean => {
      clearTimeout(limit);
      return !this.#asking.delete(asking);
    };
    const fail = (error: Error): void => {
      // Node takes an error alone; its type asks for a stream beside it.
      if (!settled()) (opened as ((error: Error) => void) | undefined)?.(error);
    };
    const limit = setTimeout(
      () => asking.destroy(coded("the proxy did not answer", "ETIMEDOUT")),
      this.#timeoutMs,
    );
    asking.on("error", fail);
    asking.on("connect", ({ statusCode = 0 }, socket, rest) => {
      socket.on("error", unheard);
      // Behind TLS the client speaks first: bytes at this point are the proxy's own.
      if (statusCode < 200 || statusCode > 299 || rest.length > 0) {
        socket.destroy();
        return fail(coded(`the proxy answered ${statusCode} and opened no tunnel`, "ECONNREFUSED"));
      }
      if (settled()) return void socket.destroy();
      const through = { ...options, socket };
      const secured = super.createConnection(through);
      if (secured !== null && secured !== undefined) opened?.(null, secured);
    });
    asking.end();
    return undefined;
  }

  override destroy(): void {
    for (const asking of this.#asking) asking.destroy();
    super.destroy();
  }

  #ask(authority: string): ClientRequest {
    const { origin, authorization } = this.#proxy;
    const address = addressOf(new URL(origin));
    const asking = (address.protocol === "https:" ? httpsRequest : httpRequest)({
      ...address,
      agent: false,
      method: "CONNECT",
      path: authority,
      headers: {
        host: authority,
        connection: "keep-alive",
        ...(authorization === null ? {} : { "proxy-authorization": authorization }),
      },
      maxHeaderSize: MAX_HEAD_BYTES,
      insecureHTTPParser: false,
    });
    this.#asking.add(asking);
    return asking;
  }
}

function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function coded(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
