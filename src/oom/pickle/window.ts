import { Buffer } from "node:buffer";
import { refuse } from "./refusal.ts";

/** The bytes of a file that are there at one time, and how far they may be read. */
export class ByteWindow {
  bytes: Buffer = Buffer.alloc(0);
  /** Where the next opcode begins in `bytes`. */
  at = 0;
  /** Bytes of the file before `bytes`. */
  before = 0;
  /** Where the frame ends, in bytes of the file; opcodes may not reach over it. */
  frameEnd = 0;
  /** How far `bytes` may be read: to its end, or to the frame's. */
  limit = 0;

  /** Puts the next bytes of the file behind what is left. */
  take(chunk: Uint8Array): void {
    const next = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.bytes = this.bytes.length === 0 ? next : Buffer.concat([this.bytes, next]);
    this.at = 0;
    this.setLimit(0);
  }

  /** The caller's bytes are not kept: what is left over of them is copied. */
  keepRest(): void {
    this.before += this.at;
    this.bytes = Buffer.from(this.bytes.subarray(this.at));
    this.at = 0;
  }

  /** False when there is nothing left to read at `at`. */
  setLimit(at: number): boolean {
    const { length } = this.bytes;
    const frame = this.frameEnd - this.before;
    this.limit = frame > at ? Math.min(frame, length) : length;
    return at < length;
  }

  /** True when `length` bytes are there. False where they are still to come; refused where the frame ends. */
  has(at: number, length: number): boolean {
    return at + length <= this.limit || this.mayWait();
  }

  /** For what reaches over the limit: always false, or a refusal. */
  mayWait(): false {
    if (this.limit < this.bytes.length) refuse("malformed", "an opcode reaches over the end of its frame");
    return false;
  }

  /** A frame of `length` bytes, which stand in the 8 bytes at `at`. */
  frame(at: number, length: number): void {
    if (this.frameEnd > this.before + at) refuse("malformed", "a frame begins in another");
    this.frameEnd = this.before + at + 8 + length;
    this.setLimit(at + 8);
  }
}
