import { setMaxListeners } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { NetRequest } from "../net.ts";
import { asNetError, netError } from "./net-failure.ts";
import { lengthOf, plainHeaders } from "./net-head.ts";
import type { Receiver } from "./net-receivers.ts";
import type { Route } from "./net-routes.ts";
import { type Upload, uploadOf } from "./net-upload.ts";
import { Watchdog } from "./net-watchdog.ts";

/**
 * Sends one request and hands its answer to `receiver`. When the promise has settled, neither the receiver
 * nor the request's file is touched again: whatever the connection still does goes nowhere.
 */
export function exchange<T>(request: NetRequest, route: Route, receiver: Receiver<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.signal?.throwIfAborted();
    new Exchange(request, route, receiver, resolve, reject).start();
  });
}

/** Ends a stream that nobody wants any more; undici asks for an error. */
const STOPPED = new Error("the request was stopped");

class Exchange<T> implements Dispatcher.DispatchHandler {
  readonly #request: NetRequest;
  readonly #route: Route;
  readonly #receiver: Receiver<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #watchdog: Watchdog;
  readonly #upload: Upload;
  readonly #onAbort: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #hasHead = false;
  #lengthBytes: number | null = null;
  #gotBytes = 0;

  constructor(
    request: NetRequest,
    route: Route,
    receiver: Receiver<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.#request = request;
    this.#route = route;
    this.#receiver = receiver;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#watchdog = new Watchdog((what) => this.#timeOut(what));
    this.#upload = uploadOf(request.body, {
      onMoved: () => this.#watchdog.touch(),
      onSent: () => this.#awaitHead(),
      onFailed: (error) => this.#fail(error),
    });
    this.#onAbort = () => this.#fail(request.signal?.reason);
  }

  start(): void {
    const { method, headers, signal, connectTimeoutMs } = this.#request;
    const { pool, origin, path } = this.#route;
    pool.live += 1;
    // One signal stops many requests; Node would warn of a leak from the eleventh on.
    if (signal !== undefined) setMaxListeners(0, signal);
    signal?.addEventListener("abort", this.#onAbort);
    this.#watchdog.watch(connectTimeoutMs, "could not be connected in time");
    const length = this.#upload.streamed ? { "content-length": String(this.#upload.sizeBytes) } : {};
    try {
      pool.dispatcher.dispatch(
        {
          origin,
          path,
          method,
          headers: { ...headers, ...this.#route.headers, "accept-encoding": "identity", ...length },
          // Undici takes any async iterable; its type names streams only.
          body: this.#upload.body as Buffer | null,
        },
        this,
      );
    } catch (error) {
      this.#fail(asNetError(error, this.#route.peer));
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) return controller.abort(STOPPED);
    if (this.#upload.streamed) this.#watchdog.watch(this.#request.idleTimeoutMs, "took no more of the body");
    else this.#awaitHead();
  }

  onResponseStart(_controller: unknown, status: number, rawHeaders: IncomingHttpHeaders): void {
    // 1xx only announces the answer.
    if (this.#settled || status < 200) return;
    this.#hasHead = true;
    this.#watchdog.watch(this.#request.idleTimeoutMs, "sent nothing more of its answer");
    const headers = plainHeaders(rawHeaders);
    const bodiless = this.#request.method === "HEAD" || status === 204 || status === 304;
    this.#lengthBytes = bodiless ? null : lengthOf(headers);
    this.#receive(() => {
      this.#receiver.head({ status, headers });
      return true;
    });
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#settled) return;
    this.#watchdog.touch();
    this.#gotBytes += chunk.length;
    this.#receive(() => this.#receiver.data(chunk));
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    if (this.#lengthBytes !== null && this.#lengthBytes !== this.#gotBytes) this.#lose(cutShort());
    else this.#finish(this.#receiver.result());
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#lose(error);
  }

  #receive(take: () => boolean): void {
    try {
      if (take()) return;
    } catch (error) {
      return this.#fail(error);
    }
    this.#finish(this.#receiver.result());
    this.#controller?.abort(STOPPED);
  }

  #awaitHead(): void {
    if (!this.#settled && !this.#hasHead)
      this.#watchdog.watch(this.#request.headTimeoutMs, "did not answer in time");
  }

  #timeOut(what: string): void {
    const { peer } = this.#route;
    this.#giveUp(netError("timeout", peer, `${peer.host} ${what}`));
  }

  /** The connection was lost. */
  #lose(error: unknown): void {
    if (!this.#settled) this.#giveUp(asNetError(error, this.#route.peer, this.#hasHead));
  }

  #giveUp(error: Error): void {
    const partial = this.#hasHead ? this.#receiver.partial() : undefined;
    if (partial === undefined) return this.#fail(error);
    this.#finish(partial);
    this.#controller?.abort(STOPPED);
  }

  #finish(value: T): void {
    this.#settle(() => this.#resolve(value));
  }

  #fail(error: unknown): void {
    this.#settle(() => this.#reject(error));
    this.#controller?.abort(STOPPED);
  }

  #settle(then: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#route.pool.live -= 1;
    this.#watchdog.stop();
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    this.#upload.stop().then(then, then);
  }
}

function cutShort(): Error {
  return Object.assign(new Error("shorter than its Content-Length"), { code: "ECONNRESET" });
}
