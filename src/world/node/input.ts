import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from "node:fs";
import { resolve } from "node:path";
import { AprError, systemCode } from "../../base/errors.ts";

/** Reads and batch blocks are this large: large enough that system calls do not count. */
const CHUNK_BYTES = 1024 * 1024;

/** How long to wait for more on a non-blocking stdin, milliseconds. */
const RETRY_MS = 2;

const STDIN = 0;

/** Troubles of the system rather than of the input. */
const IO_CODES: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EIO", "EMFILE", "ENFILE", "ENOMEM"]);

/** What a bounded read found. `too-large` means that nothing, or nothing more, was read. */
export type BoundedRead =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "too-large"; readonly sizeBytes: number };

/**
 * Reads a regular file, or stdin for `-`, if it is smaller than `limitBytes`; a file's size is looked at
 * before its content. Throws `AprError`: `not-found`, or `malformed` for anything that is not a file.
 */
export function readBounded(path: string, limitBytes: number): BoundedRead {
  return withInput(path, (fd, stats) => {
    const sizeBytes = stats?.size ?? 0;
    if (sizeBytes >= limitBytes) return { kind: "too-large", sizeBytes };
    const bytes = readUpTo(fd, limitBytes, sizeBytes);
    return bytes.length >= limitBytes
      ? { kind: "too-large", sizeBytes: bytes.length }
      : { kind: "bytes", bytes };
  });
}

/** Decodes UTF-8, without a byte order mark. Throws `AprError` (`malformed`) for anything else. */
export function decodeUtf8(bytes: Buffer, path: string): string {
  if (!isUtf8(bytes)) throw new AprError("malformed", `${path}: not UTF-8 text`, { fields: { path } });
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString("utf8", marked ? 3 : 0);
}

/** Facts of a file as lstat sees it: a symbolic link is a link. */
export interface FileFacts {
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "other";
  readonly uid: number;
  readonly mode: number;
}

export function fileFacts(path: string): FileFacts {
  const stats = inputCall(path, () => lstatSync(path));
  const kind = stats.isFile()
    ? "file"
    : stats.isDirectory()
      ? "folder"
      : stats.isSymbolicLink()
        ? "link"
        : "other";
  return { path: resolve(path), kind, uid: stats.uid, mode: stats.mode & 0o7777 };
}

/** The user id of this process; null where the system has none. */
export function callerUid(): number | null {
  // Not imported from node:process: that import opens the three standard streams and makes pipes non-blocking.
  return process.getuid?.() ?? null;
}

/** Opens a regular file, or stdin for `-`, and always closes what it opened. */
export function withInput<T>(path: string, use: (fd: number, stats: Stats | null) => T): T {
  if (path === "-") return use(STDIN, null);
  // Without O_NONBLOCK, opening a FIFO that nobody writes to would wait for ever.
  const fd = inputCall(path, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) {
      throw new AprError("malformed", `${path}: not a regular file`, {
        hint: stats.isDirectory() ? "name a file inside it" : "use - to read from a pipe",
        fields: { path },
      });
    }
    return use(fd, stats);
  } finally {
    closeSync(fd);
  }
}

/** Reads at most `length` bytes into `buffer`; 0 only at the end of the input. */
export function readSome(fd: number, buffer: Buffer, offset: number, length: number): number {
  for (;;) {
    try {
      return readSync(fd, buffer, offset, length, null);
    } catch (error) {
      const code = systemCode(error);
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw inputError(fd === STDIN ? "stdin" : "input", error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

function readUpTo(fd: number, limitBytes: number, expectedBytes: number): Buffer {
  const parts: Buffer[] = [];
  let total = 0;
  while (total < limitBytes) {
    // One byte more than expected shows the end of a file without a second buffer.
    const wanted = Math.min(limitBytes - total, Math.max(CHUNK_BYTES, expectedBytes + 1 - total));
    const buffer = Buffer.allocUnsafe(wanted);
    const got = readSome(fd, buffer, 0, wanted);
    if (got === 0) break;
    parts.push(buffer.subarray(0, got));
    total += got;
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, total);
}

function inputCall<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw inputError(path, error);
  }
}

function inputError(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  const details = { fields: { path, code }, cause: error };
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new AprError("not-found", `${path}: no such file`, details);
  }
  return new AprError(IO_CODES.has(code) ? "io" : "malformed", `${path}: cannot be read (${code})`, details);
}
