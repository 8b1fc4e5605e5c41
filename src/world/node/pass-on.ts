import { writeSync } from "node:fs";
import { systemCode } from "../../base/errors.ts";

/** Writes bytes to stderr as they are and waits for a slow reader; false when the reader has gone for good. */
export function passOn(bytes: Uint8Array): boolean {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(2, rest));
    } catch (error) {
      if (systemCode(error) !== "EAGAIN") return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
  return true;
}
