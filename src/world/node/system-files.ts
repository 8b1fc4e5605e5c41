import { closeSync, constants, openSync, readSync } from "node:fs";
import { systemCode } from "../../base/errors.ts";
import type { KernelRecord, SystemFiles } from "../supervise.ts";

/** A text of the system is not read further than this. */
const MAX_BYTES = 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
const { O_RDONLY, O_NONBLOCK } = constants;

let piece: Buffer | undefined;

/** Files under /proc and /sys tell no size: they are read to their end, or to the bound. */
export const systemFiles: SystemFiles = {
  read(path) {
    let fd: number;
    try {
      fd = openSync(path, O_RDONLY | O_NONBLOCK);
    } catch {
      return undefined;
    }
    try {
      return readAll(fd);
    } catch {
      return undefined;
    } finally {
      closeSync(fd);
    }
  },
};

function readAll(fd: number): string {
  piece ??= Buffer.allocUnsafe(PIECE_BYTES);
  let text = "";
  for (let total = 0; total < MAX_BYTES; ) {
    const got = readSync(fd, piece, 0, PIECE_BYTES, null);
    if (got === 0) break;
    text += piece.toString("latin1", 0, got);
    total += got;
  }
  return text;
}

/** The largest record that the kernel gives at once, and how many are read at most. */
const RECORD_BYTES = 8192;
const MAX_RECORDS = 100_000;

/** Reads /dev/kmsg from its oldest record to now. Source: Documentation/ABI/testing/dev-kmsg of Linux. */
export function readKernelLog(): readonly KernelRecord[] | undefined {
  let fd: number;
  try {
    fd = openSync("/dev/kmsg", O_RDONLY | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    return readRecords(fd);
  } finally {
    closeSync(fd);
  }
}

function readRecords(fd: number): KernelRecord[] {
  const buffer = Buffer.allocUnsafe(RECORD_BYTES);
  const records: KernelRecord[] = [];
  for (let count = 0; count < MAX_RECORDS; count++) {
    try {
      const got = readSync(fd, buffer, 0, RECORD_BYTES, null);
      if (got === 0) break;
      // `priority,sequence,microseconds,flags;text`, then lines with further facts.
      const parts = /^\d+,\d+,(\d+),[^;]*;([^\n]*)/.exec(buffer.toString("latin1", 0, got));
      if (parts !== null) records.push({ atMs: Number(parts[1]) / 1000, text: parts[2] ?? "" });
    } catch (error) {
      // EPIPE: the next record was overwritten meanwhile. EAGAIN: that was the last one.
      if (systemCode(error) !== "EPIPE") break;
    }
  }
  return records;
}
