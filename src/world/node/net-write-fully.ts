import { writeSync } from "node:fs";
import type { OpenFile } from "../files.ts";
import { descriptorOf } from "./open-file.ts";

/**
 * Writes all of `data` at once, on this thread: into the page cache that is quicker than handing it to another,
 * and the socket is read no faster than the disk takes it. Throws the system's error.
 */
export function writeFully(file: OpenFile, data: Uint8Array, offsetBytes: number): void {
  // Asked each time: the number of a closed file may be another file's by now.
  const descriptor = descriptorOf(file);
  let done = 0;
  while (done < data.length) {
    done += writeSync(descriptor, data, done, data.length - done, offsetBytes + done);
  }
}
