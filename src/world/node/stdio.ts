import { fstatSync, writeSync } from "node:fs";
import { systemCode } from "../../base/errors.ts";

/** 128 + SIGPIPE: the reader has gone, as for any filter in a pipe. */
const EXIT_BROKEN_PIPE = 141;

const encoder = new TextEncoder();

/** A text goes out through one buffer of this size, bytes: a new one for each long text would be garbage for long. */
const BUFFER_BYTES = 64 * 1024;
let buffer: Uint8Array | undefined;

/** Writes all of `text` to a descriptor. Throws on a full disk; ends the process quietly on a closed pipe. */
export function writeAll(fd: 1 | 2, text: string): void {
  buffer ??= new Uint8Array(BUFFER_BYTES);
  for (let at = 0; at < text.length; ) {
    const { read, written } = encoder.encodeInto(at === 0 ? text : text.slice(at), buffer);
    writeBytes(fd, buffer.subarray(0, written));
    at += read;
  }
}

/** The same for bytes as they are. */
export function writeBytes(fd: 1 | 2, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const code = systemCode(error);
      if (code === "EPIPE") process.exit(EXIT_BROKEN_PIPE);
      if (code !== "EAGAIN") throw error;
      // A non-blocking pipe is full: wait a little for its reader.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/**
 * Ends the process at once, with signal handlers as they are. An end by itself takes the handlers away some
 * milliseconds earlier, and a signal then would change the exit code.
 */
export function exitNow(code: number): never {
  process.exit(code);
}

/** True when the descriptor is a terminal. Does not build Node's stream for it, which is slow. */
export function isTerminal(fd: 1 | 2): boolean {
  try {
    return (
      fstatSync(fd).isCharacterDevice() && (fd === 1 ? process.stdout.isTTY : process.stderr.isTTY) === true
    );
  } catch {
    return false;
  }
}

export const environment: Readonly<Record<string, string | undefined>> = process.env;
export const argv: readonly string[] = process.argv.slice(2);

/** Width of the terminal on stdout; undefined when stdout is none. */
export function terminalColumns(): number | undefined {
  return isTerminal(1) ? process.stdout.columns : undefined;
}

export const workingFolder = (): string => process.cwd();
