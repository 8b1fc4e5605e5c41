import type { Downloaded, DownloadSink, NetAnswer, NetBody, NetHead, NetMethod } from "../../world/net.ts";

/** A request that may be redirected and challenged. */
export interface HttpRequest {
  readonly method: NetMethod;
  readonly url: URL;
  /** Lower-case names. Never `authorization`: that is the authorizer's. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: NetBody;
  readonly signal: AbortSignal;
  /** Of an answer that is read into memory. */
  readonly maxBodyBytes: number;
  /** `refuse` for a body that is secret: a redirect is then an AprError `bad-redirect`. Follows them by default. */
  readonly redirects?: "follow" | "refuse";
  /** Called with the URL that the answer came from, when it was redirected there. It may hold a signature: keep it off every message. */
  readonly landed?: ((url: URL) => void) | undefined;
}

/** Gives credentials to the hosts that they are for, and to no other. */
export interface Authorizer {
  /** The `authorization` header for a request to this URL; null for none. Asked again for every hop of a redirect. */
  header(url: URL, signal?: AbortSignal): Promise<string | null>;
  /**
   * A 401 came from this URL. True when new credentials were found and it should be sent once more.
   * `sent` is the header that was refused: a token that was renewed meanwhile needs no fetch.
   */
  challenged(head: NetHead, url: URL, signal: AbortSignal, sent?: string | null): Promise<boolean>;
}

/** HTTP with redirects (bounded, credentials kept to their host, never from https to http) and challenges. */
export interface HttpClient {
  /** An answer of any status but a redirect or a 401 that could be met. Throws AprError `network`, or NetError. */
  request(request: HttpRequest, auth: Authorizer | null): Promise<NetAnswer>;
  /**
   * The same for a body that goes into a file. `sink.take` sees the last hop's head only. What came is handed to
   * `finish`, and an error of the way there to `failed`: as `then` would do, without a promise of its own.
   */
  download<Made>(
    request: HttpRequest,
    sink: DownloadSink,
    auth: Authorizer | null,
    finish: (down: Downloaded) => Made | Promise<Made>,
    failed?: (error: unknown) => Made,
  ): Promise<Made>;
}
