import type { NetBody } from "../net.ts";

/** Large enough for full speed, small enough that a slow link shows its progress. */
const PIECE_BYTES = 256 * 1024;

/** Below it a body goes out in one write. */
const SMALL_BYTES = 64 * 1024;

/** A body on its way out. */
export interface Upload {
  readonly sizeBytes: number;
  /** For undici: the bytes themselves, or their pieces. */
  readonly body: Buffer | AsyncIterable<Uint8Array> | null;
  /** True when pieces are sent, and `onMoved` and `onSent` will be called. */
  readonly streamed: boolean;
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
    const { buffer, byteOffset, byteLength } = body.bytes;
    return small(Buffer.from(buffer, byteOffset, byteLength), sizeBytes);
  }
  return new Pieces(body, sizeBytes, events);
}

function small(body: Buffer | null, sizeBytes: number): Upload {
  return { sizeBytes, body, streamed: false, stop: () => Promise.resolve() };
}

class Pieces implements Upload {
  readonly sizeBytes: number;
  readonly streamed = true;
  readonly body: AsyncIterable<Uint8Array>;
  readonly #source: NetBody;
  readonly #events: UploadEvents;
  #stopped = false;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(source: NetBody, sizeBytes: number, events: UploadEvents) {
    this.#source = source;
    this.sizeBytes = sizeBytes;
    this.#events = events;
    this.body = this.#pieces();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#reading.catch(() => undefined);
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    const source = this.#source;
    for (let at = 0; at < this.sizeBytes && !this.#stopped; at += PIECE_BYTES) {
      const piece = await this.#piece(at, Math.min(PIECE_BYTES, this.sizeBytes - at));
      if (this.#stopped) return;
      // It comes back here when the socket wants more.
      yield piece;
      this.#events.onMoved();
      if (source.kind === "file") source.onBytes?.(piece.length);
    }
    this.#events.onSent();
  }

  async #piece(at: number, length: number): Promise<Uint8Array> {
    const source = this.#source;
    if (source.kind === "bytes") return source.bytes.subarray(at, at + length);
    try {
      const buffer = Buffer.allocUnsafeSlow(length);
      const reading = source.file.readAt(buffer, source.offsetBytes + at);
      this.#reading = reading;
      if ((await reading) === length) return buffer;
      throw Object.assign(new Error("a file became shorter while it was sent"), { code: "EIO" });
    } catch (error) {
      this.#events.onFailed(error);
      throw error;
    }
  }
}
