import { systemCode } from "../base/errors.ts";
import { manifestsFolder } from "./layout.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";
import type { Store } from "./store.ts";

/** Host, namespace and name: tags are files below these. */
const LEVELS = 3;

/** Puts every folder of manifests on the medium: what was removed in them, by whomever, stays removed. */
export async function syncManifests(store: Store): Promise<void> {
  const { files } = store.world;
  let folders = [manifestsFolder(store.root)];
  for (let level = 0; folders.length > 0; level++) {
    const below: string[] = [];
    for (const folder of folders) {
      try {
        await files.syncFolder(folder);
      } catch (error) {
        // Removed at this moment: the one above it is synced with that, or by the next collection.
        if (systemCode(error) !== "ENOENT") throw error;
        continue;
      }
      if (level === LEVELS) continue;
      for (const { kind, name } of (await files.entries(folder, MAX_FOLDER_ENTRIES)) ?? []) {
        if (kind === "folder") below.push(`${folder}/${name}`);
      }
    }
    folders = below;
  }
}
