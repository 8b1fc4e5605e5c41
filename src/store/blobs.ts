import { AprError, systemCode } from "../base/errors.ts";
import type { FileFacts } from "../world/files.ts";
import { blobName, blobPath, blobsFolder, quarantineFolder } from "./layout.ts";
import type { Digest } from "./digest.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";
import type { Store } from "./store.ts";

/** Looks again when a collector was moving blobs at the same moment; more often means that something is wrong. */
const MAX_LOOKS = 16;

/**
 * Facts of a blob; null when the store has not got it. One that lies in quarantine is taken back first: whoever
 * asks has a use for it.
 */
export async function findBlob(store: Store, digest: Digest): Promise<FileFacts | null> {
  const { files } = store.world;
  const path = blobPath(store.root, digest);
  let before = "";
  for (let look = 0; look < MAX_LOOKS; look++) {
    const facts = await files.facts(path);
    if (facts !== null) return facts.kind === "file" ? facts : null;
    const names = await inQuarantine(store, digest);
    for (const name of names) {
      if (await files.move(`${quarantineFolder(store.root)}/${name}`, path)) break;
    }
    // The same view twice, with nothing to take: it is not there.
    const seen = names.sort().join("/");
    if (names.length === 0 && seen === before && look > 0) return null;
    before = seen;
  }
  return null;
}

async function inQuarantine(store: Store, digest: Digest): Promise<string[]> {
  const entries = await store.world.files.entries(quarantineFolder(store.root), MAX_FOLDER_ENTRIES);
  const prefix = `${blobName(digest)}.`;
  return (entries ?? [])
    .filter(({ name, kind }) => kind === "file" && name.startsWith(prefix))
    .map(({ name }) => name);
}

/** Moves a whole, synced and checked file of `ingest/` to its final name. The folder is synced before any manifest. */
export async function placeBlob(store: Store, from: string, digest: Digest): Promise<boolean> {
  const { files } = store.world;
  const path = blobPath(store.root, digest);
  try {
    if (await files.move(from, path)) return true;
    // Whoever made the store, and then failed, may have taken its empty folder back.
    return (await files.makeOneFolder(blobsFolder(store.root))) && (await files.move(from, path));
  } catch (error) {
    if (systemCode(error) !== "EISDIR" && systemCode(error) !== "ENOTEMPTY") throw error;
    const fields = { code: "unsafe-store", path };
    throw new AprError("malformed", `a folder lies where a blob should: ${path}`, { fields, cause: error });
  }
}

/** After this, every blob that was seen in the folder is there after a crash too. */
export async function syncBlobs(store: Store): Promise<void> {
  await store.world.files.syncFolder(blobsFolder(store.root));
}
