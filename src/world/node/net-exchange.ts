import { setMaxListeners } from "node:events";
import type { NetHeaders, NetRequest } from "../net.ts";
import { Call } from "./net-call.ts";
import { asNetError, netError } from "./net-failure.ts";
import { lengthOf } from "./net-head.ts";
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

/** A method that says how long its body is, even when there is none. */
const WITH_LENGTH: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

class Exchange<T> {
  readonly #request: NetRequest;
  readonly #route: Route;
  readonly #receiver: Receiver<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #watchdog: Watchdog;
  readonly #upload: Upload;
  readonly #onAbort: () => void;
  readonly #call: Call;
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
    this.#call = this.#makeCall();
    this.#onAbort = () => this.#fail(request.signal?.reason);
  }

  start(): void {
    const { signal } = this.#request;
    this.#route.pool.enter();
    // One signal stops many requests; Node would warn of a leak from the eleventh on.
    if (signal !== undefined) setMaxListeners(0, signal);
    signal?.addEventListener("abort", this.#onAbort);
    try {
      this.#call.start();
    } catch (error) {
      this.#fail(asNetError(error, this.#route.peer));
    }
  }

  #makeCall(): Call {
    const { method, headers, connectTimeoutMs, idleTimeoutMs, body } = this.#request;
    const upload = this.#upload;
    const length =
      body === undefined && !WITH_LENGTH.has(method) ? {} : { "content-length": String(upload.sizeBytes) };
    const options = {
      method,
      headers: { ...headers, ...this.#route.headers, "accept-encoding": "identity", ...length },
      body: upload.body,
    };
    return new Call(this.#route, options, {
      onConnecting: () => this.#watchdog.watch(connectTimeoutMs, "could not be connected in time"),
      onConnected: (request) => {
        if (upload.body !== undefined) return this.#awaitHead();
        this.#watchdog.watch(idleTimeoutMs, "took no more of the body");
        upload.sendTo(request);
      },
      onHead: (status, head) => this.#head(status, head),
      onData: (chunk) => this.#data(chunk),
      onEnd: () => this.#end(),
      onLost: (error) => this.#giveUp(asNetError(error, this.#route.peer)),
    });
  }

  #head(status: number, headers: NetHeaders): void {
    this.#hasHead = true;
    this.#watchdog.watch(this.#request.idleTimeoutMs, "sent nothing more of its answer");
    const bodiless = this.#request.method === "HEAD" || status === 204 || status === 304;
    this.#lengthBytes = bodiless ? null : lengthOf(headers);
    this.#receive(() => {
      this.#receiver.head({ status, headers });
      return true;
    });
  }

  #data(chunk: Uint8Array): void {
    this.#watchdog.touch();
    this.#gotBytes += chunk.length;
    this.#receive(() => this.#receiver.data(chunk));
  }

  #end(): void {
    if (this.#lengthBytes === null || this.#lengthBytes === this.#gotBytes) {
      return this.#finish(this.#receiver.result());
    }
    this.#giveUp(asNetError(cutShort(), this.#route.peer));
  }

  #receive(take: () => boolean): void {
    try {
      if (take()) return;
    } catch (error) {
      return this.#fail(error);
    }
    this.#finish(this.#receiver.result());
    this.#call.stop();
  }

  #awaitHead(): void {
    if (!this.#settled && !this.#hasHead)
      this.#watchdog.watch(this.#request.headTimeoutMs, "did not answer in time");
  }

  #timeOut(what: string): void {
    const { peer } = this.#route;
    this.#giveUp(netError("timeout", peer, `${peer.host} ${what}`));
  }

  #giveUp(error: Error): void {
    const partial = this.#hasHead ? this.#receiver.partial() : undefined;
    if (partial === undefined) return this.#fail(error);
    this.#finish(partial);
    this.#call.stop();
  }

  #finish(value: T): void {
    this.#settle(() => this.#resolve(value));
  }

  #fail(error: unknown): void {
    this.#settle(() => this.#reject(error));
    this.#call.stop();
  }

  #settle(then: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#watchdog.stop();
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    const end = (): void => {
      then();
      this.#route.pool.leave();
    };
    this.#upload.stop().then(end, end);
  }
}

function cutShort(): Error {
  return Object.assign(new Error("shorter than its Content-Length"), { code: "ECONNRESET" });
}
