import type { Follower, FollowOptions, Hash, HashedFile, HashFileOptions, Hasher } from "../world/hash.ts";
import { RunHasher } from "./digest.ts";
import { SimFollower } from "./follower.ts";
import { systemError } from "./inode.ts";
import { COST, type Seat, sizedUs } from "./machine.ts";

/** One step of hashing a file beside the thread. */
const STEP_BYTES = 64 * 1024 * 1024;

/** Hashing in the simulated world: small real bytes have their true SHA-256, all else has a digest of its own. */
export class SimHash implements Hash {
  readonly #seat: Seat;

  constructor(seat: Seat) {
    this.#seat = seat;
  }

  sha256(): Hasher {
    const { memo, sha256 } = this.#seat.machine;
    return new RunHasher(sha256, memo);
  }

  async file(path: string, { onBytes, signal }: HashFileOptions = {}): Promise<HashedFile> {
    const { process, machine } = this.#seat;
    const { disk, memo, scheduler, sha256 } = machine;
    signal?.throwIfAborted();
    const inode = await scheduler.park(process, "hash open", COST.open, () => {
      const found = disk.require(path, "open");
      if (found.kind === "link") throw systemError("ELOOP", "open", path);
      if (found.kind !== "file") throw systemError("EINVAL", "read", path);
      return found;
    });
    const hasher = new RunHasher(sha256, memo);
    for (let at = 0; ; ) {
      const from = at;
      const left = Math.min(STEP_BYTES, inode.content.size - from);
      const got = await scheduler.park(process, "hash", sizedUs(COST.read, Math.max(0, left)), () => {
        disk.mayFail("read", path);
        let sum = 0;
        for (const run of inode.content.read(from, STEP_BYTES)) {
          hasher.add(run);
          sum += run.size;
        }
        return sum;
      });
      signal?.throwIfAborted();
      at += got;
      if (got > 0) onBytes?.(got);
      if (got < STEP_BYTES) return { hex: hasher.hex(), sizeBytes: at };
    }
  }

  follow(path: string, options: FollowOptions = {}): Promise<Follower> {
    return Promise.resolve(new SimFollower(this.#seat, path, options));
  }
}
