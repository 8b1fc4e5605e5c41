import type { OpenFile } from "../../world/files.ts";
import type { Transfer } from "../transfer.ts";
import type { Job } from "./job.ts";
import { chunkRange } from "../plan.ts";

const PRIVATE_MODE = 0o600;

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

/** Copies a chunk from a spare into the part file where they differ; true when they did. */
export function takeOver(job: Job, spare: OpenFile, index: number): Promise<boolean> {
  if (job.file === null || job.sizeBytes === null) throw new Error(`${job.key} is not open`);
  const { offsetBytes, sizeBytes } = chunkRange(index, job.sizeBytes, job.chunkBytes);
  return job.file.takeRange(spare, offsetBytes, sizeBytes);
}
