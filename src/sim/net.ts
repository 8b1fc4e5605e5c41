import type { OpenFile } from "../world/files.ts";
import {
  type Downloaded,
  type DownloadSink,
  type Listener,
  type Net,
  type NetAnswer,
  type NetFailure,
  type NetRequest,
} from "../world/net.ts";
import { Odds } from "./choices.ts";
import { type FaultPlan, NET_FAULTS } from "./faults.ts";
import { Exchange, type Receiver } from "./exchange.ts";
import { bytesOf, part, type Run, sizeOf } from "./data.ts";
import type { Seat } from "./machine.ts";
import { SimOpenFile } from "./open-file.ts";
import type { SimServer } from "./server.ts";
import type { SimHost } from "./host.ts";

/** As much of a refused body as an error message can use. */
const REFUSED_BODY_BYTES = 64 * 1024;

/** All hosts. Whoever is not here has no name. */
export class SimNetwork {
  readonly hosts = new Map<string, SimHost>();
  readonly #plan: FaultPlan["net"];

  constructor(plan: FaultPlan["net"]) {
    this.#plan = plan;
  }

  /** Puts a server on the network; `name` is a host, with its port where it is not the usual one. */
  serve(name: string, server: SimServer, plan: FaultPlan["net"] = this.#plan): SimHost {
    const odds = oddsOf(plan);
    const fine = { unreachableUntilUs: 0, dead: false, calm: false } as const;
    const host: SimHost = { name, server, odds, ...fine, version: 0, asked: 0 };
    this.hosts.set(name, host);
    return host;
  }
}

const KNOWN = new WeakMap<FaultPlan["net"], Odds>();

/** The same plan serves many worlds. */
function oddsOf(plan: FaultPlan["net"]): Odds {
  const odds = KNOWN.get(plan) ?? new Odds(NET_FAULTS.map((fault) => plan[fault] ?? 0));
  KNOWN.set(plan, odds);
  return odds;
}

/** The network as one process sees it. */
export class SimNet implements Net {
  readonly #seat: Seat;
  readonly #network: SimNetwork;

  constructor(seat: Seat, network: SimNetwork) {
    this.#seat = seat;
    this.#network = network;
  }

  request(request: NetRequest, maxBodyBytes: number): Promise<NetAnswer> {
    return this.#exchange(request, new ToMemory(maxBodyBytes));
  }

  download(request: NetRequest, sink: DownloadSink): Promise<Downloaded> {
    return this.#exchange(request, new ToFile(sink, simFile(sink.file)));
  }

  listen(): Promise<Listener> {
    return Promise.reject(
      new Error("the simulated network has no listeners: put a server on it with serve()"),
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #exchange<T>(request: NetRequest, receiver: Receiver<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      request.signal?.throwIfAborted();
      new Exchange(this.#seat, this.#network.hosts, request, receiver, resolve, reject).start();
    });
  }
}

function simFile(file: OpenFile): SimOpenFile {
  if (file instanceof SimOpenFile) return file;
  throw new TypeError("not a file of this disk");
}

interface Head {
  readonly status: number;
  readonly headers: NetAnswer["headers"];
}

class ToMemory implements Receiver<NetAnswer> {
  readonly #maxBytes: number;
  readonly #runs: Run[] = [];
  #head: Head = { status: 0, headers: {} };
  #sizeBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  head(head: Head): NetFailure | null {
    this.#head = head;
    return isEncoded(head) && head.status < 300 ? "protocol" : null;
  }

  data(runs: readonly Run[]): NetFailure | null {
    this.#sizeBytes += sizeOf(runs);
    if (this.#sizeBytes > this.#maxBytes) return "too-large";
    this.#runs.push(...runs);
    return null;
  }

  result(): NetAnswer {
    const { headers, status } = this.#head;
    return { status, headers, body: bytesOf(this.#runs) };
  }

  partial(): NetAnswer | null {
    return null;
  }
}

class ToFile implements Receiver<Downloaded> {
  readonly #sink: DownloadSink;
  readonly #file: SimOpenFile;
  #head: Head = { status: 0, headers: {} };
  #aside: Run[] | null = null;
  #sizeBytes = 0;

  constructor(sink: DownloadSink, file: SimOpenFile) {
    this.#sink = sink;
    this.#file = file;
  }

  head(head: Head, lengthBytes: number | null): NetFailure | null {
    this.#head = head;
    if (!this.#sink.take(head)) {
      this.#aside = [];
      return null;
    }
    if (isEncoded(head)) return "protocol";
    return lengthBytes !== null && lengthBytes > this.#sink.maxBytes ? "too-large" : null;
  }

  data(runs: readonly Run[]): NetFailure | null {
    const size = sizeOf(runs);
    if (this.#aside !== null) {
      const room = REFUSED_BODY_BYTES - sizeOf(this.#aside);
      this.#aside.push(...part(runs, 0, room));
      return null;
    }
    const { maxBytes, offsetBytes, onBytes } = this.#sink;
    if (this.#sizeBytes + size > maxBytes) return "too-large";
    this.#file.put(runs, offsetBytes + this.#sizeBytes);
    this.#sizeBytes += size;
    onBytes?.(size);
    return null;
  }

  get full(): boolean {
    return this.#aside !== null && sizeOf(this.#aside) >= REFUSED_BODY_BYTES;
  }

  result(): Downloaded {
    if (this.#aside === null) return { kind: "taken", head: this.#head, sizeBytes: this.#sizeBytes };
    return { kind: "refused", answer: { ...this.#head, body: bytesOf(this.#aside) } };
  }

  partial(): Downloaded | null {
    return this.#aside === null ? null : this.result();
  }
}

function isEncoded({ headers }: Head): boolean {
  const encoding = headers["content-encoding"] ?? "";
  return encoding !== "" && encoding !== "identity";
}
