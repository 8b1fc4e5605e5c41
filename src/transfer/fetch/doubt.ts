import type { PartDigests } from "../../world/hash.ts";
import { chunkRange } from "../plan.ts";
import type { Transfer } from "../transfer.ts";
import { fileOf } from "./fetching.ts";
import type { Job } from "./job.ts";

const BUFFER_BYTES = 1024 * 1024;
/** A server that still computes them is asked again: 40 GB take it half a minute. */
const ASK_AGAIN_MS = 1000;
const MAX_ASKS = 120;

/** The chunks that may be wrong: those of parts whose digests differ, or all where nobody keeps such digests. */
export async function doubtedChunks(
  transfer: Transfer,
  job: Job,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const all = Array.from({ length: job.count }, (_, index) => index);
  const parts = job.whole ? null : await partsInTime(transfer, job, signal);
  if (parts === null) return all;
  const bad = await badParts(transfer, job, parts, signal);
  const doubted = all.filter((index) => {
    const { offsetBytes, sizeBytes } = chunkRange(index, job.sizeBytes ?? 0, job.chunkBytes);
    return bad.some(
      (part) =>
        offsetBytes < (part + 1) * parts.partBytes && offsetBytes + sizeBytes > part * parts.partBytes,
    );
  });
  // A list by which nothing is wrong is not the list of this blob.
  return doubted.length === 0 ? all : doubted;
}

async function partsInTime(transfer: Transfer, job: Job, signal: AbortSignal): Promise<PartDigests | null> {
  for (let ask = 0; ask < MAX_ASKS; ask++) {
    const parts = job.parts ?? (await job.askParts(signal));
    if (parts !== "later") return parts;
    await transfer.world.timers.sleep(ASK_AGAIN_MS, signal);
    signal.throwIfAborted();
  }
  return null;
}

async function badParts(
  { world }: Transfer,
  job: Job,
  { hex, partBytes }: PartDigests,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const bad: number[] = [];
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (const [part, expected] of hex.entries()) {
    const { offsetBytes, sizeBytes } = chunkRange(part, job.sizeBytes ?? 0, partBytes);
    const hasher = world.hash.sha256();
    for (let done = 0; done < sizeBytes; done += BUFFER_BYTES) {
      signal.throwIfAborted();
      const piece = buffer.subarray(0, Math.min(BUFFER_BYTES, sizeBytes - done));
      await fileOf(job).readAt(piece, offsetBytes + done);
      hasher.update(piece);
    }
    if (hasher.hex() !== expected) bad.push(part);
  }
  return bad;
}
