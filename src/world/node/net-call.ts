import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import type { NetHeaders, NetMethod } from "../net.ts";
import { unheard } from "./net-agents.ts";
import { headersFrom, MAX_HEAD_BYTES } from "./net-head.ts";
import { addressOf } from "./net-proxy.ts";
import type { Route } from "./net-routes.ts";

/** What happens to a call, in this order. After `onEnd` or `onLost`, and after a stop, nothing more. */
export interface CallEvents {
  /** A connection is looked for. Comes again when a kept one was no good. */
  readonly onConnecting: () => void;
  /** The request's head is on its way; a body that is not yet given may be written now. */
  readonly onConnected: (request: ClientRequest) => void;
  readonly onHead: (status: number, headers: NetHeaders) => void;
  readonly onData: (chunk: Uint8Array) => void;
  /** The answer is whole. */
  readonly onEnd: () => void;
  /** There will be no whole answer: the system's or the parser's error. */
  readonly onLost: (error: unknown) => void;
}

export interface CallOptions {
  readonly method: NetMethod;
  readonly headers: NetHeaders;
  /** Null for none, undefined when it is written after `onConnected`. */
  readonly body: Uint8Array | null | undefined;
}

/** One HTTP request on Node's own client, with its traps left behind. */
export class Call {
  readonly #route: Route;
  readonly #options: CallOptions;
  readonly #events: CallEvents;
  #request: ClientRequest | null = null;
  #response: IncomingMessage | null = null;
  #socket: Socket | null = null;
  #bytesBefore = 0;
  #wasSentAgain = false;
  #over = false;

  constructor(route: Route, options: CallOptions, events: CallEvents) {
    this.#route = route;
    this.#options = options;
    this.#events = events;
  }

  /** Throws TypeError for a header or a path that breaks the request. */
  start(): void {
    this.#events.onConnecting();
    const { method, headers, body } = this.#options;
    const { pool, to, path } = this.#route;
    const request = httpRequest({
      ...addressOf(to),
      agent: pool.agent,
      method,
      path,
      headers: { ...headers },
      maxHeaderSize: MAX_HEAD_BYTES,
      insecureHTTPParser: false,
    });
    this.#request = request;
    this.#socket = null;
    // Their size is bounded; none of them may be passed over.
    request.maxHeadersCount = 0;
    request.on("error", (error) => this.#lose(request, error));
    request.on("socket", (socket) => this.#given(request, socket));
    request.on("response", (response) => this.#answered(request, response));
    request.on("upgrade", (_response, socket) => {
      socket.destroy();
      this.#lose(request, coded("another protocol that nobody asked for", "HPE_INVALID_STATUS"));
    });
    if (body !== undefined) request.end(body);
  }

  /** Ends the call: its connection is closed and not used again. */
  stop(): void {
    this.#over = true;
    // Before it has a connection, Node would keep the one in the making, with nobody to hear its error.
    if (this.#socket !== null) this.#request?.destroy();
  }

  #given(request: ClientRequest, socket: Socket): void {
    this.#socket = socket;
    if (!request.reusedSocket) socket.on("error", unheard);
    if (this.#over) return void request.destroy();
    this.#bytesBefore = socket.bytesRead;
    const connected = (): void => {
      if (!this.#over) this.#events.onConnected(request);
    };
    if (request.reusedSocket) connected();
    else socket.once("encrypted" in socket ? "secureConnect" : "connect", connected);
  }

  #answered(request: ClientRequest, response: IncomingMessage): void {
    this.#response = response;
    response.on("error", (error) => this.#lose(request, error));
    response.on("data", (chunk: Buffer) => {
      if (!this.#over) this.#events.onData(chunk);
    });
    response.on("end", () => {
      if (this.#over) return;
      if (!response.complete) return this.#lose(request, coded("the answer is not whole", "ECONNRESET"));
      this.#over = true;
      this.#events.onEnd();
      // A connection that waits for the rest of a body cannot be used again.
      if (!request.writableEnded) request.destroy();
    });
    if (!this.#over) this.#events.onHead(response.statusCode ?? 0, headersFrom(response.rawHeaders));
  }

  #lose(request: ClientRequest, error: Error): void {
    // What goes wrong behind a whole answer is nobody's business: its end comes next.
    if (this.#over || request !== this.#request || this.#response?.complete === true) return;
    if (this.#isStale(request, error)) return this.#sendAgain();
    this.#over = true;
    this.#events.onLost(error);
    this.stop();
  }

  // The server closed a kept connection in the moment in which it was used again: it has not seen the request.
  #isStale(request: ClientRequest, error: Error): boolean {
    const { method, body } = this.#options;
    return (
      request.reusedSocket &&
      !this.#wasSentAgain &&
      (method === "GET" || method === "HEAD") &&
      body === null &&
      "code" in error &&
      (error.code === "ECONNRESET" || error.code === "EPIPE") &&
      this.#socket?.bytesRead === this.#bytesBefore
    );
  }

  #sendAgain(): void {
    this.#wasSentAgain = true;
    // The others are of the same age.
    this.#route.pool.dropIdle();
    this.start();
  }
}

function coded(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
