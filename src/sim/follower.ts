import type { Follower, FollowOptions, HashedFile, PartDigests } from "../world/hash.ts";
import { digestOfRuns, RunHasher } from "./digest.ts";
import type { Run } from "./data.ts";
import { type Inode, systemError } from "./inode.ts";
import { COST, type Seat, sizedUs } from "./machine.ts";
import { QUIET } from "./scheduler.ts";

/** Without parts it reads when this much has come, as the real one does. */
const READ_BYTES = 16 * 1024 * 1024;
const nothing = (): undefined => undefined;

/** Hashes a file while it grows. Each read is a step of its own, and sees the file as it is then. */
export class SimFollower implements Follower {
  readonly #seat: Seat;
  readonly #path: string;
  readonly #parts: PartDigests | null;
  readonly #onBadPart: (index: number, hex: string) => void;
  readonly #taken: Run[] = [];
  #inode: Inode | null = null;
  #at = 0;
  #written = 0;
  #ended = false;
  #over = false;
  #reading = false;
  #waitsForAgain = false;
  #resolve: (hashed: HashedFile) => void = nothing;
  #reject: (error: Error) => void = nothing;
  readonly #result: Promise<HashedFile>;

  constructor(seat: Seat, path: string, { parts, onBadPart }: FollowOptions) {
    this.#seat = seat;
    this.#path = path;
    this.#parts = parts ?? null;
    this.#onBadPart = onBadPart ?? nothing;
    this.#result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // It may fail before anybody asks for the digest.
    this.#result.catch(nothing);
  }

  advance(bytes: number): void {
    this.#written = bytes;
    this.#readOn();
  }

  again(): void {
    this.#waitsForAgain = false;
    this.#readOn();
  }

  end(): Promise<HashedFile> {
    this.#ended = true;
    this.#readOn();
    return this.#result;
  }

  abandon(): Promise<void> {
    if (!this.#over) this.#fail(new Error("the hashing thread ended without a digest"));
    return Promise.resolve();
  }

  #readOn(): void {
    if (this.#over || this.#reading || this.#waitsForAgain || !this.#isReady()) return;
    const { machine, process } = this.#seat;
    this.#reading = true;
    const bytes = this.#wanted();
    machine.scheduler.plan(process, "hash on", sizedUs(COST.read, bytes), () => {
      this.#reading = false;
      if (this.#over) return QUIET;
      try {
        this.#read(bytes);
      } catch (error) {
        this.#fail(error as Error);
      }
      const waits = this.#waitsForAgain;
      this.#readOn();
      return this.#over || waits ? undefined : QUIET;
    });
  }

  #isReady(): boolean {
    const ready = this.#written - this.#at;
    return this.#ended || (ready > 0 && ready >= (this.#parts?.partBytes ?? READ_BYTES));
  }

  #wanted(): number {
    const ready = this.#written - this.#at;
    return this.#parts === null ? ready : Math.min(ready, this.#parts.partBytes);
  }

  #read(bytes: number): void {
    const { disk, memo, sha256 } = this.#seat.machine;
    this.#inode ??= disk.require(this.#path, "open");
    if (bytes > 0) disk.mayFail("read", this.#path);
    const runs = this.#inode.content.read(this.#at, bytes);
    if (this.#inode.content.size < this.#at + bytes) {
      throw Object.assign(systemError("EIO", "read", this.#path), {
        message: "a file became shorter while it was read",
      });
    }
    if (this.#parts !== null && bytes > 0) {
      const index = Math.floor(this.#at / this.#parts.partBytes);
      const expected = this.#parts.hex[index];
      if (expected === undefined) throw new Error("the file is longer than its parts");
      const hex = digestOfRuns(runs, sha256, memo);
      if (hex !== expected) {
        this.#waitsForAgain = true;
        this.#onBadPart(index, hex);
        return;
      }
    }
    for (const run of runs) this.#taken.push(run);
    this.#at += bytes;
    if (!this.#ended || this.#at < this.#written) return;
    const hasher = new RunHasher(sha256, memo);
    for (const run of this.#taken) hasher.add(run);
    this.#over = true;
    this.#resolve({ hex: hasher.hex(), sizeBytes: this.#at });
  }

  #fail(error: Error): void {
    this.#over = true;
    this.#reject(error);
  }
}
