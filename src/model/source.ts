import type { OpenFile } from "../world/files.ts";
import type { Refusal } from "./refusal.ts";

/** A file's bytes at random places. `sizeBytes` is its real size when it was opened. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Exactly `length` bytes from `offset`, or a refusal: never fewer, never made-up zeros. */
  read(offset: number, length: number): Promise<Uint8Array | Refusal>;
}

/** A source from an open file of `sizeBytes`. Errors of the disk pass through. */
export function sourceOfFile(file: OpenFile, sizeBytes: number): ByteSource {
  return {
    sizeBytes,
    async read(offset, length) {
      if (!fits(sizeBytes, offset, length)) return cutShort(offset, length);
      const buffer = new Uint8Array(length);
      // The file may have been cut since it was opened.
      return (await file.readAt(buffer, offset)) === length ? buffer : cutShort(offset, length);
    },
  };
}

/** A source from bytes in memory; nothing is copied. */
export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: (offset, length) =>
      Promise.resolve(
        fits(bytes.length, offset, length)
          ? bytes.subarray(offset, offset + length)
          : cutShort(offset, length),
      ),
  };
}

function fits(sizeBytes: number, offset: number, length: number): boolean {
  return offset >= 0 && length >= 0 && length <= sizeBytes - offset;
}

function cutShort(offset: number, length: number): Refusal {
  return { kind: "refused", code: "cut-short", message: `the file ends inside ${length} bytes`, offset };
}
