import { isUtf8 } from "node:buffer";
import { AprError } from "../../base/errors.ts";
import { readSome, withInput } from "./input.ts";

/** Whole lines, without the line feed of the last one. */
export interface LineBlock {
  readonly bytes: Buffer;
  /** One line that is longer than the limit: `bytes` holds only its beginning. */
  readonly overlong: boolean;
}

/** Blocks are at most this large unless one line is longer: 1 MiB. */
const BLOCK_BYTES = 1024 * 1024;

/** A longer line is no record that anybody meant to write: 64 MiB. */
export const MAX_LINE_BYTES: number = 64 * BLOCK_BYTES;

/** After this much of one line the input is taken to be endless: 1 GiB. */
const MAX_SKIPPED_BYTES = 1024 * BLOCK_BYTES;

const LINE_FEED = 10;

/**
 * Gives the lines of a file, or of stdin for `-`, in large blocks and in order.
 * A block's bytes are valid until `use` returns.
 */
export function eachLineBlock(path: string, use: (block: LineBlock) => void): void {
  withInput(path, (fd) => {
    const splitter = new LineSplitter(use);
    for (;;) {
      const got = readSome(fd, splitter.buffer, splitter.filled, splitter.buffer.length - splitter.filled);
      if (got === 0) break;
      splitter.add(got);
    }
    splitter.end();
  });
}

class LineSplitter {
  buffer: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  filled = 0;
  private skippedBytes = 0;
  private readonly use: (block: LineBlock) => void;

  constructor(use: (block: LineBlock) => void) {
    this.use = use;
  }

  /** Takes `got` more bytes at the end of what is filled. */
  add(got: number): void {
    const end = this.filled + got;
    const fresh = this.buffer.subarray(this.filled, end);
    const start = this.skippedBytes > 0 ? this.endSkip(fresh) : 0;
    const last = this.filled + fresh.lastIndexOf(LINE_FEED);
    if (last < Math.max(start, this.filled)) {
      this.keep(start, end);
    } else {
      this.use({ bytes: this.buffer.subarray(start, last), overlong: false });
      this.keep(last + 1, end);
    }
    if (this.filled === this.buffer.length) this.makeRoom();
  }

  end(): void {
    if (this.filled > 0) this.use({ bytes: this.buffer.subarray(0, this.filled), overlong: false });
  }

  /** While skipping, nothing is kept, so the fresh bytes are the whole buffer. Returns where lines begin again. */
  private endSkip(fresh: Buffer): number {
    const feed = fresh.indexOf(LINE_FEED);
    if (feed !== -1) {
      this.skippedBytes = 0;
      return feed + 1;
    }
    this.skippedBytes += fresh.length;
    if (this.skippedBytes > MAX_SKIPPED_BYTES) {
      throw new AprError("malformed", "a line does not end within 1 GiB", { hint: "is this JSON lines?" });
    }
    return fresh.length;
  }

  private keep(start: number, end: number): void {
    this.buffer.copyWithin(0, start, end);
    this.filled = end - start;
  }

  private makeRoom(): void {
    if (this.buffer.length >= MAX_LINE_BYTES) {
      this.use({ bytes: this.buffer.subarray(0, 0), overlong: true });
      this.skippedBytes = this.filled;
      this.filled = 0;
      return;
    }
    const larger = Buffer.allocUnsafeSlow(this.buffer.length * 2);
    this.buffer.copy(larger, 0, 0, this.filled);
    this.buffer = larger;
  }
}

/** True when the bytes are well-formed UTF-8. */
export function isUtf8Text(bytes: Buffer): boolean {
  return isUtf8(bytes);
}
