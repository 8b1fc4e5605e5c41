import type { CopyFromOptions, FileFacts, OpenFile } from "../world/files.ts";
import { copied, fill, MAX_SHARED_BYTES, realRun, type Run, sizeOf } from "./data.ts";
import { runsOf, sameRuns } from "./known-runs.ts";
import { type Inode, systemError } from "./inode.ts";
import { COST, type Seat, sizedUs } from "./machine.ts";

const COPY_BYTES = 8 * 1024 * 1024;
const UID = 1000;

/** An open file of the simulated disk. It outlives its names. */
export class SimOpenFile implements OpenFile {
  readonly inode: Inode;
  readonly path: string;
  readonly #seat: Seat;
  readonly #writable: boolean;
  #open = true;

  constructor(seat: Seat, inode: Inode, path: string, writable: boolean) {
    this.#seat = seat;
    this.inode = inode;
    this.path = path;
    this.#writable = writable;
    inode.opened += 1;
    seat.process.held.add(this);
  }

  /** As the system does when its process ends. */
  release(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#seat.process.held.delete(this);
    this.#seat.machine.disk.released(this.inode);
  }

  facts(): Promise<FileFacts> {
    return this.#do("fstat", COST.lookup, () => this.inode.facts(UID));
  }

  readAt(buffer: Uint8Array, offsetBytes: number): Promise<number> {
    return this.#do("read", sizedUs(COST.read, buffer.length), () => {
      this.#seat.machine.disk.mayFail("read", this.path);
      let at = 0;
      for (const run of this.inode.content.read(offsetBytes, buffer.length)) {
        fill(run, buffer, at);
        at += run.size;
      }
      return at;
    });
  }

  writeAt(data: Uint8Array, offsetBytes: number): Promise<void> {
    return this.#do("write", sizedUs(COST.write, data.length), () => {
      this.put(keptRuns(data), offsetBytes);
    });
  }

  /** Writes at once: for what is a part of another call. */
  put(runs: readonly Run[], offsetBytes: number): void {
    if (!this.#open || !this.#writable) throw systemError("EBADF", "write");
    const { disk } = this.#seat.machine;
    disk.mayFail("write", this.path);
    let at = offsetBytes;
    for (const run of runs) {
      disk.change(this.inode, { kind: "write", at, run }, this.path);
      at += run.size;
    }
  }

  async copyFrom(from: OpenFile, options: CopyFromOptions): Promise<number> {
    if (!(from instanceof SimOpenFile)) throw new TypeError("not a file of this disk");
    for (let done = 0; ; ) {
      const at = done;
      done += await this.#do("copy", sizedUs(COST.write, COPY_BYTES), () => {
        this.#seat.machine.disk.mayFail("read", from.path);
        const runs = from.inode.content.read(at, COPY_BYTES);
        if (runs.length > 0) this.put(runs, at);
        return sizeOf(runs);
      });
      if (done === at) return done;
      options.onCopied(done);
      options.signal?.throwIfAborted();
    }
  }

  takeRange(from: OpenFile, offsetBytes: number, sizeBytes: number): Promise<boolean> {
    if (!(from instanceof SimOpenFile)) throw new TypeError("not a file of this disk");
    return this.#do("take", sizedUs(COST.read, 2 * sizeBytes), () => {
      this.#seat.machine.disk.mayFail("read", from.path);
      const theirs = from.inode.content.read(offsetBytes, sizeBytes);
      if (sizeOf(theirs) !== sizeBytes) throw new RangeError("the other file is too short");
      if (sameRuns(this.inode.content.read(offsetBytes, sizeBytes), theirs)) return false;
      this.put(theirs, offsetBytes);
      return true;
    });
  }

  rewrite(offsetBytes: number, sizeBytes: number): Promise<void> {
    return this.#do("rewrite", sizedUs(COST.write, 2 * sizeBytes), () => {
      this.#seat.machine.disk.mayFail("read", this.path);
      this.put(this.inode.content.read(offsetBytes, sizeBytes), offsetBytes);
    });
  }

  reserve(sizeBytes: number): Promise<boolean> {
    const { disk } = this.#seat.machine;
    return this.#do("fallocate", COST.open, () => {
      if (disk.options.reserves === false) return false;
      if (sizeBytes > 0) disk.change(this.inode, { kind: "reserve", size: sizeBytes }, this.path);
      return true;
    });
  }

  setMode(mode: number): Promise<void> {
    return this.#do("fchmod", COST.lookup, () => {
      this.inode.mode = mode;
    });
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#do("ftruncate", COST.lookup, () => {
      const { content } = this.inode;
      if (content.size === sizeBytes) return;
      this.#seat.machine.disk.change(this.inode, { kind: "truncate", size: sizeBytes }, this.path);
    });
  }

  sync(): Promise<void> {
    // What is written while it goes on is another sync's matter.
    const { changes } = this.inode;
    return this.#do("fsync", COST.sync, () => {
      try {
        this.#seat.machine.disk.mayFail("sync", this.path);
      } catch (error) {
        this.inode.failSync();
        throw error;
      }
      this.inode.sync(changes);
    });
  }

  close(): Promise<void> {
    this.release();
    return Promise.resolve();
  }

  #do<T>(name: string, costUs: number, work: () => T): Promise<T> {
    const { machine, process } = this.#seat;
    return machine.scheduler.park(process, name, costUs, () => {
      if (!this.#open) throw systemError("EBADF", name);
      return work();
    });
  }
}

/** The caller may use its buffer again. */
function keptRuns(data: Uint8Array): readonly Run[] {
  if (data.length <= MAX_SHARED_BYTES) return runsOf(copied(data));
  return runsOf(data).map((run) => (run.bytes.length === 0 ? run : realRun(copied(run.bytes))));
}
