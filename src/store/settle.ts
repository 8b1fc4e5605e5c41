import type { FileFacts } from "../world/files.ts";
import type { Copied, CopyOptions } from "./copy-bytes.ts";
import type { Store } from "./store.ts";

/** A file system's clock may tick this slowly. */
const SETTLED_NS = 1_000_000_000n;

/**
 * Hashes what a clone shares. The source is likely in memory and the clone is not, so the source is read, where its
 * time of change proves that it still holds what was cloned: cloning flushes it, and any later write changes that time.
 */
export async function settleClone(
  store: Store,
  source: string,
  before: FileFacts,
  temp: string,
  options: CopyOptions,
): Promise<Copied> {
  const { files } = store.world;
  const clone = await files.facts(temp);
  // Younger than this, a later change could fall into the same tick of the file system's clock.
  if (clone === null || clone.changedNs - before.changedNs < SETTLED_NS)
    return settleFile(store, temp, options);
  const hashed = await hashPath(store, source, options);
  const after = await files.facts(source);
  const same =
    after !== null &&
    after.inode === before.inode &&
    after.device === before.device &&
    after.changedNs === before.changedNs &&
    hashed.sizeBytes === before.sizeBytes;
  if (!same) return settleFile(store, temp, options);
  await syncPath(store, temp);
  return hashed;
}

/** Hashes a file that has its bytes already, and puts it on the medium. */
export async function settleFile(store: Store, temp: string, options: CopyOptions): Promise<Copied> {
  const hashed = await hashPath(store, temp, options);
  await syncPath(store, temp);
  return hashed;
}

function hashPath(store: Store, path: string, { onBytes, signal }: CopyOptions): Promise<Copied> {
  return store.world.hash.file(path, {
    ...(onBytes === undefined ? {} : { onBytes }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function syncPath(store: Store, path: string): Promise<void> {
  const file = await store.world.files.openRead(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
