import { AprError } from "../base/errors.ts";
import { reserveOrRefuse } from "../store/room.ts";
import type { PlannedBlob } from "./plan.ts";
import type { Transfer } from "./transfer.ts";

/** Beside the part files: the journal, a spare a worker, config and manifest with its folders. */
const OTHER_FILES = 64;

/** Looks whether all of a transfer fits before any of it takes room. Throws `io`. */
export async function requireRoom(
  transfer: Pick<Transfer, "folder" | "store" | "world">,
  missing: readonly PlannedBlob[],
): Promise<void> {
  const {
    folder,
    world: { files },
  } = transfer;
  let neededBytes = 0;
  let newFiles = OTHER_FILES;
  for (const { key, sizeBytes } of missing) {
    const there = await files.facts(`${folder}/${key}`);
    if (there === null) newFiles += 1;
    neededBytes += Math.max(0, (sizeBytes ?? 0) - (there?.allocatedBytes ?? 0));
  }
  const { freeBytes, freeInodes } = await files.space(folder);
  if (neededBytes > freeBytes) await askForRoom(transfer, neededBytes);
  // File systems that make inodes as they go say 0.
  if (freeInodes === 0 || newFiles <= freeInodes) return;
  throw new AprError("io", `not enough inodes: ${newFiles} files to make, ${freeInodes} free`, {
    hint: "the disk has room for bytes, but not for more files",
    fields: { code: "ENOSPC", free_inodes: freeInodes },
  });
}

/** The figures may be old, or count what only root may use: the disk itself has the last word. Throws `io`. */
async function askForRoom(
  { folder, store, world }: Pick<Transfer, "folder" | "store" | "world">,
  neededBytes: number,
): Promise<void> {
  const path = `${folder}/room`;
  const file = await world.files.createNew(path, 0o600);
  try {
    await reserveOrRefuse(store, file, path, neededBytes);
  } finally {
    await file.close();
    await world.files.unlink(path);
  }
}
