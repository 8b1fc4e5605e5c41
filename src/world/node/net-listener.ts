import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Incoming, Listener, ListenOptions, Outgoing } from "../net.ts";
import { sendAnswer } from "./net-answer.ts";
import { MAX_HEAD_BYTES } from "./net-head.ts";
import { incomingOf } from "./net-incoming.ts";

/** How long the rest of a body that nobody reads may flow away, so that the other side gets to read its answer. */
const LINGER_MS = 2000;

/** After the cut, handlers have their signal: so long they may take to let go of what they hold. */
const DRAIN_MS = 5000;

/** Longest silence between two requests on one connection. */
const KEEP_ALIVE_MS = 15_000;

type Handler = (incoming: Incoming) => Promise<Outgoing>;

/** Listens for HTTP. Throws the system's error, such as EADDRINUSE. */
export function listen(options: ListenOptions, handler: Handler): Promise<Listener> {
  const server = makeServer(options);
  const desk = new Desk(server, handler);
  server.on("request", (request, response) => desk.take(request, response));
  server.on("timeout", (socket: Socket) => desk.still(socket));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.host, port: options.port }, () => {
      server.off("error", reject);
      // Accepting may fail for a moment (EMFILE); the server goes on.
      server.on("error", () => undefined);
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : options.port;
      resolve({ port, close: (graceMs) => desk.close(graceMs) });
    });
  });
}

function makeServer(options: ListenOptions): Server {
  const { headTimeoutMs, idleTimeoutMs, tls, maxConnections } = options;
  const limits = {
    maxHeaderSize: MAX_HEAD_BYTES,
    headersTimeout: headTimeoutMs,
    // A body may take hours, as long as it moves.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Node looks for late heads this often.
    connectionsCheckingInterval: Math.max(50, Math.min(1000, headTimeoutMs / 4)),
    highWaterMark: 256 * 1024,
  };
  const server =
    tls === undefined
      ? createServer(limits)
      : createTlsServer({
          ...limits,
          handshakeTimeout: headTimeoutMs,
          cert: Buffer.from(tls.certificate),
          key: Buffer.from(tls.key),
        });
  server.timeout = idleTimeoutMs;
  server.maxConnections = maxConnections;
  return server;
}

/** Knows the requests in progress. */
class Desk {
  readonly #server: Server;
  readonly #handler: Handler;
  readonly #tasks = new Set<Promise<void>>();
  /** Connections whose handler is at work: their silence is ours. */
  readonly #thinking = new WeakSet<Socket>();
  #closing = false;

  constructor(server: Server, handler: Handler) {
    this.#server = server;
    this.#handler = handler;
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const task = this.#answer(request, response).finally(() => {
      this.#tasks.delete(task);
      if (this.#closing) setImmediate(() => this.#server.closeIdleConnections());
    });
    this.#tasks.add(task);
  }

  still(socket: Socket): void {
    if (!this.#thinking.has(socket)) socket.destroy();
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const cut = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(cut);
    await this.#drain();
  }

  async #drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, DRAIN_MS);
    });
    await Promise.race([Promise.all(this.#tasks), limit]);
    clearTimeout(timer);
  }

  /** Never rejects: what goes wrong with one request ends that request only. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort(new Error("the other side went away"));
    });
    response.on("error", () => undefined);
    if (this.#closing) response.shouldKeepAlive = false;
    try {
      const answer = await this.#ask(request, gone.signal);
      await sendAnswer(response, answer, request.method === "HEAD");
    } catch {
      // A head that promised more, or a handler's bad header: a cut is all that can still be said.
      socket.destroy();
      return;
    }
    if (!request.complete) linger(request, socket);
  }

  async #ask(request: IncomingMessage, signal: AbortSignal): Promise<Outgoing> {
    const { socket } = request;
    const reading = async <T>(work: Promise<T>): Promise<T> => {
      this.#expectBytes(socket);
      return work.finally(() => this.#thinking.add(socket));
    };
    this.#thinking.add(socket);
    try {
      return await this.#handler(incomingOf(request, signal, reading));
    } catch {
      const bytes = Buffer.from("internal error\n");
      return { status: 500, headers: { "content-type": "text/plain" }, body: { kind: "bytes", bytes } };
    } finally {
      this.#expectBytes(socket);
    }
  }

  #expectBytes(socket: Socket): void {
    this.#thinking.delete(socket);
    // It may have run out while nobody minded.
    socket.setTimeout(this.#server.timeout);
  }
}

function linger(request: IncomingMessage, socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  const done = (): void => clearTimeout(timer);
  request.once("end", done);
  socket.once("close", done);
}
