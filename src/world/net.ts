import type { OpenFile } from "./files.ts";

export type NetMethod = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Header names are lower case. */
export type NetHeaders = Readonly<Record<string, string>>;

/** What a request sends: bytes, or a part of a file. */
export type NetBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | {
      readonly kind: "file";
      readonly file: OpenFile;
      readonly offsetBytes: number;
      readonly sizeBytes: number;
      /** Called now and then with the bytes that were sent since the last call. */
      readonly onBytes?: (bytes: number) => void;
    };

/** One HTTP request to one host. Redirects, retries and credentials are the caller's business. */
export interface NetRequest {
  readonly method: NetMethod;
  /** `http:` or `https:`, without user or password. */
  readonly url: string;
  readonly headers: NetHeaders;
  readonly body?: NetBody;
  readonly signal?: AbortSignal | undefined;
  /** Longest time to connect. */
  readonly connectTimeoutMs: number;
  /** Longest time from the request's last byte to the answer's head. */
  readonly headTimeoutMs: number;
  /** Longest silence within a body, either way. */
  readonly idleTimeoutMs: number;
}

export interface NetHead {
  readonly status: number;
  /** Names are lower case; a repeated header is joined by `, `. */
  readonly headers: NetHeaders;
}

export interface NetAnswer extends NetHead {
  readonly body: Uint8Array;
}

/** Where a body goes. */
export interface DownloadSink {
  readonly file: OpenFile;
  /** Where in the file its first byte goes. */
  readonly offsetBytes: number;
  /** Nothing is ever written beyond this; a longer body is `too-large`. */
  readonly maxBytes: number;
  /** Looks at the head first: true has the body written, false has it read aside. */
  readonly take: (head: NetHead) => boolean;
  /** Called as bytes are written, with those since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export type Downloaded =
  /** The whole body came, as long as its head said, and lies in the file. */
  | { readonly kind: "taken"; readonly head: NetHead; readonly sizeBytes: number }
  /** `take` said no: the first 64 KiB of the body, for its error message. */
  | { readonly kind: "refused"; readonly answer: NetAnswer };

/** What can go wrong between two machines. */
export type NetFailure =
  | "dns"
  | "refused"
  | "unreachable"
  | "tls"
  /** Connected too slowly, no head in time, or a body that stands still. */
  | "timeout"
  /** The connection ended before the answer did. */
  | "cut"
  /** Not HTTP, or not as it should be. */
  | "protocol"
  | "too-large";

/** A request that got no whole answer. An abort throws the signal's own reason instead. */
export class NetError extends Error {
  override readonly name = "NetError";
  readonly failure: NetFailure;
  /** Host and port, never the path or query: those may hold secrets. */
  readonly host: string;

  constructor(failure: NetFailure, host: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
    this.host = host;
  }
}

export interface ListenOptions {
  /** An address, such as `127.0.0.1`. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Without it the listener speaks plain HTTP. PEM. */
  readonly tls?: { readonly certificate: Uint8Array; readonly key: Uint8Array };
  readonly maxConnections: number;
  /** A request's head must come within this. */
  readonly headTimeoutMs: number;
  /** Longest silence within a body, either way. */
  readonly idleTimeoutMs: number;
}

/** A request that came in. */
export interface Incoming {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  /** Names are lower case. */
  readonly headers: NetHeaders;
  /** The other side's address. */
  readonly from: string;
  /** Aborted when the other side goes away. */
  readonly signal: AbortSignal;
  /** Reads the body into memory; throws NetError `too-large`. */
  readBody(maxBytes: number): Promise<Uint8Array>;
  /** Writes the body into a file; returns its size. Throws NetError `too-large` beyond `maxBytes`, `cut` when it ends early. */
  saveBody(file: OpenFile, offsetBytes: number, maxBytes: number): Promise<number>;
}

/** An answer to a request. The body of a HEAD request is not sent, but its length is told. */
export interface Outgoing {
  readonly status: number;
  readonly headers: NetHeaders;
  /** The file is closed when it was sent, or could not be. */
  readonly body?:
    | { readonly kind: "bytes"; readonly bytes: Uint8Array }
    | {
        readonly kind: "file";
        readonly file: OpenFile;
        readonly offsetBytes: number;
        readonly sizeBytes: number;
      };
}

export interface Listener {
  readonly port: number;
  /** Takes no new request, lets those in progress end for at most `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

/** The network. */
export interface Net {
  /** A whole answer of any status. Throws NetError. */
  request(request: NetRequest, maxBodyBytes: number): Promise<NetAnswer>;
  /** A body into a file, while it comes. Throws NetError; what was written until then stays. */
  download(request: NetRequest, sink: DownloadSink): Promise<Downloaded>;
  /** Answers requests. A handler that throws answers 500. */
  listen(options: ListenOptions, handler: (incoming: Incoming) => Promise<Outgoing>): Promise<Listener>;
  /** Closes idle connections. */
  close(): Promise<void>;
}
