import type { Downloaded, DownloadSink, NetAnswer, NetHead } from "../net.ts";
import { netError, type Peer } from "./net-failure.ts";
import { isEncoded, lengthOf } from "./net-head.ts";
import { writeFully } from "./net-write-fully.ts";

/** As much of a refused body as an error message can use. */
const REFUSED_BODY_BYTES = 64 * 1024;

/** Takes an answer as it comes. What it throws ends the request. */
export interface Receiver<T> {
  head(head: NetHead): void;
  /** False when it has enough: the rest is not read. */
  data(chunk: Uint8Array): boolean;
  /** Called when the body came to its end, or there was enough of it. */
  result(): T;
  /** What can be said when the body did not come to its end; undefined when that is a failure. */
  partial(): T | undefined;
}

/** A body in memory. */
export class ToMemory implements Receiver<NetAnswer> {
  readonly #peer: Peer;
  readonly #maxBytes: number;
  readonly #hasUpload: boolean;
  readonly #chunks: Uint8Array[] = [];
  #head: NetHead = { status: 0, headers: {} };
  #sizeBytes = 0;
  #unreadable = false;

  constructor(peer: Peer, maxBytes: number, hasUpload: boolean) {
    this.#peer = peer;
    this.#maxBytes = maxBytes;
    this.#hasUpload = hasUpload;
  }

  head(head: NetHead): void {
    this.#head = head;
    if (isEncoded(head)) {
      // The status of an error matters more than the text that comes with it.
      if (head.status < 300) throw encoded(this.#peer);
      this.#unreadable = true;
    }
  }

  data(chunk: Uint8Array): boolean {
    if (this.#unreadable) return false;
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > this.#maxBytes) throw tooLarge(this.#peer, this.#maxBytes);
    this.#chunks.push(chunk);
    return true;
  }

  result(): NetAnswer {
    return { ...this.#head, body: Buffer.concat(this.#chunks) };
  }

  // A server that refuses an upload may close at once: its answer says more than the cut.
  partial(): NetAnswer | undefined {
    return this.#hasUpload && this.#head.status >= 400 ? this.result() : undefined;
  }
}

/** The first bytes of a body that nobody wanted. */
class Aside implements Receiver<Downloaded> {
  readonly #head: NetHead;
  readonly #chunks: Uint8Array[] = [];
  #roomBytes: number;

  constructor(head: NetHead) {
    this.#head = head;
    this.#roomBytes = isEncoded(head) ? 0 : REFUSED_BODY_BYTES;
  }

  head(): void {
    // It was made from it.
  }

  data(chunk: Uint8Array): boolean {
    if (this.#roomBytes === 0) return false;
    const part = chunk.subarray(0, this.#roomBytes);
    this.#chunks.push(part);
    this.#roomBytes -= part.length;
    return part.length === chunk.length;
  }

  result(): Downloaded {
    return { kind: "refused", answer: { ...this.#head, body: Buffer.concat(this.#chunks) } };
  }

  partial(): Downloaded {
    return this.result();
  }
}

/** A body into a file, each piece as it comes. */
export class ToFile implements Receiver<Downloaded> {
  readonly #peer: Peer;
  readonly #sink: DownloadSink;
  #head: NetHead = { status: 0, headers: {} };
  #aside: Aside | null = null;
  #sizeBytes = 0;

  constructor(peer: Peer, sink: DownloadSink) {
    this.#peer = peer;
    this.#sink = sink;
  }

  head(head: NetHead): void {
    this.#head = head;
    if (!this.#sink.take(head)) {
      this.#aside = new Aside(head);
      return;
    }
    if (isEncoded(head)) throw encoded(this.#peer);
    const length = lengthOf(head.headers);
    if (length !== null && length > this.#sink.maxBytes) throw tooLarge(this.#peer, this.#sink.maxBytes);
  }

  data(chunk: Uint8Array): boolean {
    if (this.#aside !== null) return this.#aside.data(chunk);
    const { file, offsetBytes, maxBytes, onBytes } = this.#sink;
    if (this.#sizeBytes + chunk.length > maxBytes) throw tooLarge(this.#peer, maxBytes);
    writeFully(file, chunk, offsetBytes + this.#sizeBytes);
    this.#sizeBytes += chunk.length;
    onBytes?.(chunk.length);
    return true;
  }

  result(): Downloaded {
    return this.#aside?.result() ?? { kind: "taken", head: this.#head, sizeBytes: this.#sizeBytes };
  }

  partial(): Downloaded | undefined {
    return this.#aside?.partial();
  }
}

function encoded(peer: Peer): Error {
  return netError("protocol", peer, `${peer.host} sent a content encoding that was not asked for`);
}

function tooLarge(peer: Peer, maxBytes: number): Error {
  return netError("too-large", peer, `${peer.host} sent more than ${maxBytes} bytes`);
}
