import { AprError, systemCode } from "../base/errors.ts";
import { manifestsFolder, parentOf } from "./layout.ts";
import type { Store } from "./store.ts";
import { strangeParent } from "./tags.ts";

// The folders between `manifests/` and a tag's file.

/** Each folder by itself, so that a link among them is seen. What is new goes into `made`: `syncParents` makes it durable. */
export async function makeParents(store: Store, path: string, made: string[]): Promise<void> {
  const { files } = store.world;
  const strange = await strangeParent(store, path);
  if (strange !== null) throw new AprError("malformed", `unsafe store: ${strange}`, { fields: { path } });
  const top = manifestsFolder(store.root);
  const parts = parentOf(path)
    .slice(top.length + 1)
    .split("/");
  let at = top;
  for (const part of parts) {
    const next = `${at}/${part}`;
    try {
      if (await files.makeOneFolder(next)) made.push(next);
    } catch (error) {
      // Removed by somebody at this moment: the link fails then, and all is tried again.
      if (systemCode(error) !== "ENOENT") throw error;
      return;
    }
    at = next;
  }
}

/** Takes back the folders that were made for a tag that then did not come. One that is in use by now stays. */
export async function removeParents(store: Store, made: readonly string[]): Promise<void> {
  for (const folder of made.toReversed()) {
    try {
      if (!(await store.world.files.removeEmptyFolder(folder))) return;
    } catch {
      // It may stay: an empty folder harms nobody, and the first error is the one to tell.
      return;
    }
  }
}

/**
 * Every folder up to `manifests/`: one that is there may have been made by a run that was killed before it synced.
 * `apr rm` of this tag at the same moment may have taken a folder too: that is no failure to publish.
 */
export async function syncParents(store: Store, path: string): Promise<void> {
  try {
    for (let folder = parentOf(path); folder.length > store.root.length; folder = parentOf(folder)) {
      await store.world.files.syncFolder(folder);
    }
  } catch (error) {
    if (systemCode(error) !== "ENOENT" || (await store.world.files.facts(path)) !== null) throw error;
  }
}
