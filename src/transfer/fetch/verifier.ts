import type { TransferWorld } from "../world.ts";
import { HASH_HERE_BYTES } from "../limits.ts";
import type { Job } from "./job.ts";

const BUFFER_BYTES = 1024 * 1024;

/** Hashes a blob, while it comes where that pays. */
export interface Verifier {
  /** The first `bytes` of the part file are there. */
  advance(bytes: number): void;
  /** A part that was bad has been fetched again. */
  again(): void;
  /** All is there: lower-case hex of the whole. */
  end(signal: AbortSignal): Promise<string>;
  abandon(): Promise<void>;
}

/** `onBadPart` is called for parts whose digests differ, where the job has them and `useParts` says so. */
export async function startVerifier(
  world: TransferWorld,
  job: Job,
  useParts: boolean,
  onBadPart: (index: number, hex: string) => void,
): Promise<Verifier> {
  if (job.whole || (job.sizeBytes ?? 0) <= HASH_HERE_BYTES) return afterwards(world, job);
  const parts = useParts && job.parts?.partBytes === job.chunkBytes ? job.parts : null;
  const follower = await world.hash.follow(job.partPath, parts === null ? {} : { parts, onBadPart });
  return {
    advance: (bytes) => follower.advance(bytes),
    again: () => follower.again(),
    async end(signal) {
      const stop = (): void => void follower.abandon();
      signal.addEventListener("abort", stop);
      try {
        return (await follower.end()).hex;
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
    abandon: () => follower.abandon(),
  };
}

/** Small ones and those of unknown size: read once they are there. */
function afterwards(world: TransferWorld, job: Job): Verifier {
  return {
    advance: () => undefined,
    again: () => undefined,
    abandon: () => Promise.resolve(),
    async end(signal) {
      const size = job.sizeBytes ?? 0;
      if (size > HASH_HERE_BYTES) return (await world.hash.file(job.partPath, { signal })).hex;
      const hasher = world.hash.sha256();
      const buffer = new Uint8Array(BUFFER_BYTES);
      for (let at = 0; at < size; ) {
        signal.throwIfAborted();
        const got = (await job.file?.readAt(buffer, at)) ?? 0;
        if (got === 0) break;
        hasher.update(buffer.subarray(0, got));
        at += got;
      }
      return hasher.hex();
    },
  };
}
