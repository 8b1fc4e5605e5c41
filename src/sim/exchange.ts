import { NetError, type NetFailure, type NetHead, type NetRequest } from "../world/net.ts";
import { part, type Run, sizeOf } from "./data.ts";
import { NET_FAULTS, type NetFault } from "./faults.ts";
import { kindNumber } from "./choices.ts";
import type { Seat } from "./machine.ts";
import { meddle } from "./meddle.ts";
import { type Address, addressOf, bodyRuns, bodySize, SAYS } from "./request-parts.ts";
import type { SimAnswer } from "./server.ts";
import type { SimHost } from "./host.ts";
import { type Planned, QUIET } from "./scheduler.ts";

const NET: number = kindNumber("net");
const PLACE: number = kindNumber("place");
/** Places within a body, or lengths of a wait. */
const PLACES = 16;

/** To a server and back. */
const ROUND_TRIP_US = 20_000;
/** What comes at once, and how much of it where the connection is slow. */
const PIECE_BYTES = 2 * 1024 * 1024;
const SLOW_BYTES = 256 * 1024;
/** 100 MB/s. */
const PIECE_US = 20_000;
const SLOW_US = 1_500_000;
/** An abort may not wait so long for the next step. */
const LONG_US = 100_000;
const PARTITION_US = 5_000_000;

/** Takes an answer as it comes. What it returns, or throws, ends the request. */
export interface Receiver<T> {
  head(head: NetHead, lengthBytes: number | null): NetFailure | null;
  data(runs: readonly Run[]): NetFailure | null;
  result(): T;
  /** What can be said when the body did not come to its end; null when that is a failure. */
  partial(): T | null;
}

/** One request on its way. */
export class Exchange<T> {
  readonly #seat: Seat;
  readonly #hosts: ReadonlyMap<string, SimHost>;
  readonly #request: NetRequest;
  readonly #receiver: Receiver<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: Error) => void;
  readonly #address: Address;
  #body: readonly Run[] = [];
  #bodyBytes = 0;
  #lengthBytes: number | null = null;
  #sent = 0;
  /** What comes next. */
  #piece = 0;
  #endsAt = Number.POSITIVE_INFINITY;
  #fault: NetFault | null = null;
  #over = false;

  constructor(
    seat: Seat,
    hosts: ReadonlyMap<string, SimHost>,
    request: NetRequest,
    receiver: Receiver<T>,
    resolve: (value: T) => void,
    reject: (error: Error) => void,
  ) {
    this.#seat = seat;
    this.#hosts = hosts;
    this.#request = request;
    this.#receiver = receiver;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#address = addressOf(request.url);
  }

  start(): void {
    const { body } = this.#request;
    const pieces = body === undefined ? 0 : Math.ceil(bodySize(body) / PIECE_BYTES);
    this.#next("net head", ROUND_TRIP_US + pieces * PIECE_US);
  }

  /** The request is at its server. */
  #arrive(): void {
    const { chooser, coverage, scheduler } = this.#seat.machine;
    const host = this.#hosts.get(this.#address.host);
    if (host === undefined) return this.#fail("dns");
    host.asked += 1;
    if (host.dead) return this.#fail("refused");
    if (host.unreachableUntilUs > scheduler.nowUs) return this.#timeOut(this.#request.connectTimeoutMs);
    const value = host.odds.never || host.calm ? 0 : chooser.among(NET, host.odds);
    const fault = value === 0 ? null : (NET_FAULTS[value - 1] ?? null);
    this.#fault = fault;
    if (fault !== null) coverage.hit(`net ${fault}`);
    if (fault !== null) chooser.about(`request ${host.asked} to ${host.name}`);
    switch (fault) {
      case "refused":
      case "dns":
      case "unreachable":
        return this.#fail(fault);
      case "garbage":
        return this.#fail("protocol");
      case "silent":
        return this.#timeOut(this.#request.headTimeoutMs);
      case "partition":
        host.unreachableUntilUs = scheduler.nowUs + PARTITION_US * (1 + chooser.below(PLACE, PLACES));
        return this.#timeOut(this.#request.connectTimeoutMs);
      case "death":
        host.dead = true;
        return this.#fail("cut");
      case "reset":
        // With or without the server having heard it.
        if (chooser.below(PLACE, 2) === 1) this.#ask(host, null);
        return this.#fail("cut");
      default:
        return this.#answer(this.#ask(host, fault));
    }
  }

  #ask(host: SimHost, fault: NetFault | null): SimAnswer {
    const { body, headers, method } = this.#request;
    const { target } = this.#address;
    const sent = body === undefined ? [] : bodyRuns(body);
    const request = { method, host: host.name, target, headers, body: sent };
    return fault === null
      ? versioned(host, host.server(request))
      : versioned(
          host,
          meddle(fault, host, request, () => this.#seat.machine.chooser.below(PLACE, PLACES)),
        );
  }

  #answer({ body, headers, status }: SimAnswer): void {
    const bodiless = this.#request.method === "HEAD" || status === 204 || status === 304;
    const told = headers["content-length"];
    this.#lengthBytes = bodiless || told === undefined ? null : Number(told);
    const size = bodiless ? 0 : sizeOf(body);
    this.#body = bodiless ? [] : body;
    this.#bodyBytes = this.#lengthBytes === null ? size : Math.min(size, this.#lengthBytes);
    if (this.#fault === "cut" || this.#fault === "stall") {
      this.#endsAt = Math.floor((size * this.#seat.machine.chooser.below(PLACE, PLACES)) / PLACES);
    }
    const failure = this.#take(() => this.#receiver.head({ status, headers }, this.#lengthBytes));
    if (failure) this.#onward();
  }

  #onward(): void {
    if (this.#sent >= this.#bodyBytes && this.#sent < this.#endsAt) return this.#finish();
    const most = this.#fault === "slow" ? SLOW_BYTES : PIECE_BYTES;
    const piece = Math.min(this.#bodyBytes, this.#endsAt, this.#sent + most) - this.#sent;
    if (piece <= 0) return this.#fault === "stall" ? this.#stall() : this.#lose();
    const us = this.#fault === "slow" ? SLOW_US : 50 + Math.ceil((piece * PIECE_US) / PIECE_BYTES);
    this.#piece = piece;
    this.#next("net body", us);
  }

  #receive(): void {
    const runs = part(this.#body, this.#sent, this.#piece);
    this.#sent += this.#piece;
    if (this.#take(() => this.#receiver.data(runs))) this.#onward();
  }

  #finish(): void {
    if (this.#lengthBytes !== null && this.#lengthBytes > this.#bodyBytes) return this.#lose();
    this.#end(this.#receiver.result());
  }

  /** False when the request is over. */
  #take(take: () => NetFailure | null): boolean {
    try {
      const failure = take();
      if (failure === null) return true;
      this.#fail(failure);
    } catch (error) {
      this.#abandon(error as Error);
    }
    return false;
  }

  #lose(): void {
    const partial = this.#receiver.partial();
    if (partial === null) this.#fail("cut");
    else this.#end(partial);
  }

  #stall(): void {
    this.#wait(this.#request.idleTimeoutMs, () => {
      const partial = this.#receiver.partial();
      if (partial === null) this.#fail("timeout");
      else this.#end(partial);
    });
  }

  #timeOut(afterMs: number): void {
    this.#wait(afterMs, () => this.#fail("timeout"));
  }

  /** A wait so long that an abort may not wait for its end. */
  #wait(ms: number, then: () => void): void {
    const { machine, process } = this.#seat;
    const { scheduler } = machine;
    const { signal } = this.#request;
    const stop: { planned: Planned | null } = { planned: null };
    const aborted = (): void => {
      if (stop.planned !== null) stop.planned.cancelled = true;
      this.#abandon(signal?.reason as Error);
    };
    if (signal?.aborted === true) return aborted();
    signal?.addEventListener("abort", aborted);
    stop.planned = scheduler.at(scheduler.nowUs + ms * 1000, process, "net wait", () => {
      signal?.removeEventListener("abort", aborted);
      then();
    });
  }

  /** The next step of its way, so much later. */
  #next(name: "net head" | "net body", us: number): void {
    const { machine, process } = this.#seat;
    if (us >= LONG_US) return this.#wait(us / 1000, () => this.#go(name));
    machine.scheduler.plan(process, name, us, () => this.#go(name));
  }

  #go(name: "net head" | "net body"): typeof QUIET | undefined {
    const { signal } = this.#request;
    // An abort is heard at the next step, which is milliseconds away: a listener costs more than that is worth.
    if (signal?.aborted === true) this.#abandon(signal.reason as Error);
    else if (name === "net head") this.#arrive();
    else this.#receive();
    return this.#over ? undefined : QUIET;
  }

  #end(value: T): void {
    this.#over = true;
    this.#resolve(value);
  }

  #abandon(error: Error): void {
    this.#over = true;
    this.#reject(error);
  }

  #fail(failure: NetFailure): void {
    const { host } = this.#address;
    this.#abandon(new NetError(failure, host, `${host} ${SAYS[failure]}`));
  }
}

/** An ETag names the version. */
function versioned(host: SimHost, answer: SimAnswer): SimAnswer {
  const etag = answer.headers["etag"];
  if (host.version === 0 || etag === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, etag: `${etag.slice(0, -1)}-${host.version}"` } };
}
