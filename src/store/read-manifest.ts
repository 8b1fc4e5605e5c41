import { systemCode } from "../base/errors.ts";
import type { FolderEntry, SmallRead } from "../world/files.ts";
import { findBlob } from "./blobs.ts";
import type { Digest } from "./digest.ts";
import { blobPath } from "./layout.ts";
import { MAX_FOLDER_ENTRIES, MAX_MANIFEST_BYTES } from "./limits.ts";
import type { Store } from "./store.ts";

/** What is wrong with one file or folder, not with this process or with all of the disk. */
const LOCAL_TROUBLE: ReadonlyMap<string, string> = new Map([
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
  ["EIO", "input/output error"],
  ["EUCLEAN", "the file system is damaged"],
  ["ENOTDIR", "not a folder any more"],
]);

/** A small file, or why it cannot be read. Throws what is wrong with more than this one file. */
export async function readOrWhy(store: Store, path: string): Promise<SmallRead | string> {
  try {
    return await store.world.files.readSmall(path, MAX_MANIFEST_BYTES);
  } catch (error) {
    return whyOrThrow(error);
  }
}

export async function entriesOrWhy(store: Store, folder: string): Promise<readonly FolderEntry[] | string> {
  try {
    return (await store.world.files.entries(folder, MAX_FOLDER_ENTRIES)) ?? [];
  } catch (error) {
    return whyOrThrow(error);
  }
}

function whyOrThrow(error: unknown): string {
  const code = systemCode(error) ?? "";
  const words = LOCAL_TROUBLE.get(code);
  if (words === undefined) throw error;
  return words;
}

/** A manifest that is a blob. A collector may have it in quarantine at this moment. */
export async function readManifestBlob(store: Store, digest: Digest): Promise<SmallRead | string> {
  try {
    await findBlob(store, digest);
  } catch (error) {
    return whyOrThrow(error);
  }
  return readOrWhy(store, blobPath(store.root, digest));
}
