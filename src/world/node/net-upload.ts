import type { Writable } from "node:stream";
import type { NetBody } from "../net.ts";

/** Large enough for full speed, small enough that a slow link shows its progress. */
const PIECE_BYTES = 256 * 1024;

/** Below it a body goes out in one write. */
const SMALL_BYTES = 64 * 1024;

/** A body on its way out. */
export interface Upload {
  readonly sizeBytes: number;
  /** All of it at once, or null for none; undefined when it goes out in pieces. */
  readonly body: Uint8Array | null | undefined;
  /** Sends the pieces, as fast as they are taken. Called once, and only when there are pieces. */
  sendTo(request: Writable): void;
  /** Resolves when the file is not touched any more. Nothing more is read. */
  stop(): Promise<void>;
}

export interface UploadEvents {
  readonly onMoved: () => void;
  /** The last piece has left. */
  readonly onSent: () => void;
  /** The file could not be read: the system's error. */
  readonly onFailed: (error: unknown) => void;
}

export function uploadOf(body: NetBody | undefined, events: UploadEvents): Upload {
  const sizeBytes = body === undefined ? 0 : body.kind === "bytes" ? body.bytes.length : body.sizeBytes;
  if (body === undefined || sizeBytes === 0) return small(null, sizeBytes);
  if (body.kind === "bytes" && sizeBytes <= SMALL_BYTES) {
    return small(body.bytes, sizeBytes);
  }
  return new Pieces(body, sizeBytes, events);
}

function small(body: Uint8Array | null, sizeBytes: number): Upload {
  return { sizeBytes, body, sendTo: () => undefined, stop: () => Promise.resolve() };
}

class Pieces implements Upload {
  readonly sizeBytes: number;
  readonly body = undefined;
  readonly #source: NetBody;
  readonly #events: UploadEvents;
  #stopped = false;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(source: NetBody, sizeBytes: number, events: UploadEvents) {
    this.#source = source;
    this.sizeBytes = sizeBytes;
    this.#events = events;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#reading.catch(() => undefined);
  }

  sendTo(request: Writable): void {
    this.#send(request).catch((error: unknown) => this.#events.onFailed(error));
  }

  async #send(request: Writable): Promise<void> {
    const source = this.#source;
    for (let at = 0; at < this.sizeBytes; at += PIECE_BYTES) {
      const piece = await this.#piece(at, Math.min(PIECE_BYTES, this.sizeBytes - at));
      if (this.#stopped) return;
      if (!request.write(piece)) await untilTaken(request);
      if (this.#stopped) return;
      this.#events.onMoved();
      if (source.kind === "file") source.onBytes?.(piece.length);
    }
    request.end();
    this.#events.onSent();
  }

  async #piece(at: number, length: number): Promise<Uint8Array> {
    const source = this.#source;
    if (source.kind === "bytes") return source.bytes.subarray(at, at + length);
    const buffer = Buffer.allocUnsafeSlow(length);
    const reading = source.file.readAt(buffer, source.offsetBytes + at);
    this.#reading = reading;
    if ((await reading) === length) return buffer;
    throw Object.assign(new Error("a file became shorter while it was sent"), { code: "EIO" });
  }
}

// Never comes back from a connection that is gone: its loss is told elsewhere, and nothing more is read.
function untilTaken(request: Writable): Promise<void> {
  return new Promise((resolve) => request.once("drain", resolve));
}
