import { refuse, unlessRefused } from "./refusal.ts";
import type { ByteSource } from "./source.ts";

/** First read: most headers of small models fit. Later ones double, so that a large vocabulary needs few. */
const FIRST_WINDOW_BYTES = 64 * 1024;
const MAX_WINDOW_BYTES = 256 * 1024;

/**
 * Walks through a source from its start with a small window in memory. `fill` before the plain reads:
 * those are synchronous, because one `await` a value would make a large vocabulary slow.
 */
export class Cursor {
  littleEndian = true;
  private readonly source: ByteSource;
  private readonly maxBytes: number;
  private window = new Uint8Array(0);
  private view = new DataView(this.window.buffer);
  private base = 0;
  private at = 0;
  private nextWindowBytes = FIRST_WINDOW_BYTES;

  constructor(source: ByteSource, maxBytes: number) {
    this.source = source;
    this.maxBytes = maxBytes;
  }

  get position(): number {
    return this.base + this.at;
  }

  /** Bytes up to the end of the file. */
  get remaining(): number {
    return this.source.sizeBytes - this.position;
  }

  /** True when the next `length` bytes are in memory. */
  has(length: number): boolean {
    return this.at + length <= this.window.length;
  }

  /** Brings the next `length` bytes into memory. Callers bound `length`; the file's size bounds it too. */
  async fill(length: number): Promise<void> {
    if (this.has(length)) return;
    const { position, remaining } = this;
    this.check(length);
    const wanted = Math.min(remaining, Math.max(length, this.nextWindowBytes));
    this.nextWindowBytes = Math.min(MAX_WINDOW_BYTES, this.nextWindowBytes * 2);
    this.window = unlessRefused(await this.source.read(position, wanted)) as Uint8Array<ArrayBuffer>;
    this.view = new DataView(this.window.buffer, this.window.byteOffset, this.window.byteLength);
    this.base = position;
    this.at = 0;
  }

  /** Moves on without reading. */
  skip(length: number): void {
    this.check(length);
    this.at += length;
  }

  /** A view of the next bytes; it is only good until the next `fill`. */
  take(length: number): Uint8Array {
    const bytes = this.window.subarray(this.at, this.at + length);
    this.at += length;
    return bytes;
  }

  u8(): number {
    return this.view.getUint8(this.advance(1));
  }

  i8(): number {
    return this.view.getInt8(this.advance(1));
  }

  u16(): number {
    return this.view.getUint16(this.advance(2), this.littleEndian);
  }

  i16(): number {
    return this.view.getInt16(this.advance(2), this.littleEndian);
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), this.littleEndian);
  }

  i32(): number {
    return this.view.getInt32(this.advance(4), this.littleEndian);
  }

  f32(): number {
    return this.view.getFloat32(this.advance(4), this.littleEndian);
  }

  f64(): number {
    return this.view.getFloat64(this.advance(8), this.littleEndian);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.advance(8), this.littleEndian);
  }

  i64(): bigint {
    return this.view.getBigInt64(this.advance(8), this.littleEndian);
  }

  private advance(length: number): number {
    const start = this.at;
    this.at += length;
    return start;
  }

  private check(length: number): void {
    const { position } = this;
    if (length > this.remaining) {
      throw refuse("cut-short", "the file ends inside its header", { offset: position });
    }
    if (position + length > this.maxBytes) {
      throw refuse("header-too-large", `the header is larger than ${this.maxBytes} bytes`, {
        offset: position,
      });
    }
  }
}
