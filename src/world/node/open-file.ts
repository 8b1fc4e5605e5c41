import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  ftruncate,
  openSync,
  read,
  write,
  writeSync,
} from "node:fs";
import { promisify } from "node:util";
import type { CopyFromOptions, OpenFile } from "../files.ts";
import { factsOf } from "./facts.ts";
import { copyWhole } from "./copy-whole.ts";
import { rewriteRange, takeRange } from "./take-range.ts";
import { reserveSpace } from "./disk-calls.ts";

// Opening, closing and asking are synchronous: they take microseconds, an awaited call ten times that.
// What may take long, which is reading, writing and syncing, runs beside this thread.
const readAsync = promisify(read);
const writeAsync = promisify(write);
/** So little goes into memory in less time than another thread takes to be told of it. */
const SMALL_BYTES = 16 * 1024;
const syncAsync = promisify(fsync);
const truncateAsync = promisify(ftruncate);

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Opens a file for reading without following a link or waiting for a FIFO's writer. */
export function openToRead(path: string): OpenFile {
  return new NodeOpenFile(openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
}

export function openNew(path: string, mode: number): OpenFile {
  return new NodeOpenFile(openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
}

export function openToUpdate(path: string): OpenFile {
  return new NodeOpenFile(openSync(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK));
}

/** For what must write on this thread, in a callback. Throws TypeError for a file of another world, or a closed one. */
export function descriptorOf(file: OpenFile): number {
  if (!(file instanceof NodeOpenFile)) throw new TypeError("not a file of this disk");
  return file.descriptor();
}

class NodeOpenFile implements OpenFile {
  readonly #fd: number;
  #open = true;

  constructor(fd: number) {
    this.#fd = fd;
  }

  descriptor(): number {
    if (!this.#open) throw new TypeError("the file is closed");
    return this.#fd;
  }

  facts(): ReturnType<OpenFile["facts"]> {
    return settle(() => factsOf(fstatSync(this.#fd, { bigint: true })));
  }

  async readAt(buffer: Uint8Array, offsetBytes: number): Promise<number> {
    let got = 0;
    while (got < buffer.length) {
      const rest = buffer.length - got;
      const { bytesRead } = await readAsync(this.#fd, buffer, got, rest, offsetBytes + got);
      if (bytesRead === 0) break;
      got += bytesRead;
    }
    return got;
  }

  async writeAt(data: Uint8Array, offsetBytes: number): Promise<void> {
    let done = 0;
    if (data.length <= SMALL_BYTES) {
      while (done < data.length) {
        done += writeSync(this.#fd, data, done, data.length - done, offsetBytes + done);
      }
      return;
    }
    while (done < data.length) {
      const rest = data.length - done;
      const { bytesWritten } = await writeAsync(this.#fd, data, done, rest, offsetBytes + done);
      done += bytesWritten;
    }
  }

  copyFrom(from: OpenFile, options: CopyFromOptions): Promise<number> {
    if (!(from instanceof NodeOpenFile)) throw new TypeError("not a file of this disk");
    return copyWhole(from.#fd, this.#fd, options);
  }

  takeRange(from: OpenFile, offsetBytes: number, sizeBytes: number): Promise<boolean> {
    return takeRange(this, from, offsetBytes, sizeBytes);
  }

  rewrite(offsetBytes: number, sizeBytes: number): Promise<void> {
    return rewriteRange(this, offsetBytes, sizeBytes);
  }

  reserve(sizeBytes: number): Promise<boolean> {
    return reserveSpace(this.#fd, sizeBytes);
  }

  setMode(mode: number): Promise<void> {
    return settle(() => fchmodSync(this.#fd, mode));
  }

  truncate(sizeBytes: number): Promise<void> {
    return truncateAsync(this.#fd, sizeBytes);
  }

  sync(): Promise<void> {
    return syncAsync(this.#fd);
  }

  close(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    this.#open = false;
    return settle(() => closeSync(this.#fd));
  }
}

function settle<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}
