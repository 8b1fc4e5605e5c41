import type { OpenFile } from "../../world/files.ts";
import type { Hash } from "../../world/hash.ts";
import type { Transfer } from "../transfer.ts";
import type { Job } from "./job.ts";
import { chunkRange } from "../plan.ts";

const PRIVATE_MODE = 0o600;
const BUFFER_BYTES = 1024 * 1024;

/** Lends a file of its own (`name` is unique in the transfer) for a second copy of a chunk, at the chunk's own offset, and takes it back. */
export async function withSpare<T>(
  transfer: Transfer,
  name: string,
  use: (spare: OpenFile) => Promise<T>,
): Promise<T> {
  const path = `${transfer.folder}/spare-${name}`;
  const { files } = transfer.world;
  const temp = transfer.obligations.reserve("temp", `spare ${name}`);
  try {
    await files.unlink(path);
    const spare = await files.createNew(path, PRIVATE_MODE);
    try {
      return await use(spare);
    } finally {
      await spare.close();
      await files.unlink(path);
    }
  } finally {
    temp.abort("only lent");
  }
}

/**
 * Copies a chunk from a spare into the part file where they differ; true when they did. They are compared by their
 * digests: what a world keeps of contents are those.
 */
export async function takeOver(
  { world }: Pick<Transfer, "world">,
  job: Job,
  spare: OpenFile,
  index: number,
): Promise<boolean> {
  if (job.file === null || job.sizeBytes === null) throw new Error(`${job.key} is not open`);
  const { offsetBytes, sizeBytes } = chunkRange(index, job.sizeBytes, job.chunkBytes);
  const [ours, theirs] = [new Uint8Array(BUFFER_BYTES), new Uint8Array(BUFFER_BYTES)];
  let differed = false;
  for (let done = 0; done < sizeBytes; done += BUFFER_BYTES) {
    const length = Math.min(BUFFER_BYTES, sizeBytes - done);
    const piece = theirs.subarray(0, length);
    if ((await spare.readAt(piece, offsetBytes + done)) !== length) throw new Error("a spare is too short");
    const got = await job.file.readAt(ours.subarray(0, length), offsetBytes + done);
    if (got === length && digestOf(world.hash, ours.subarray(0, length)) === digestOf(world.hash, piece))
      continue;
    differed = true;
    await job.file.writeAt(piece, offsetBytes + done);
  }
  return differed;
}

function digestOf(hash: Hash, bytes: Uint8Array): string {
  const hasher = hash.sha256();
  hasher.update(bytes);
  return hasher.hex();
}
