import { systemCode } from "../base/errors.ts";
import { requireTag } from "./copy-tag.ts";
import { planExport } from "./export-plan.ts";
import { blobPath } from "./layout.ts";
import { MEDIA } from "./manifest.ts";
import { requireBlobs } from "./publish.ts";
import type { Ref } from "./ref.ts";
import type { Store } from "./store.ts";
import { withWork } from "./work.ts";

/** A store that can only be read needs no lease: nothing can be collected from it either. */
const READ_ONLY: ReadonlySet<string> = new Set(["EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT"]);

/**
 * Gives a path that any program can open while `use` runs: the blob itself for a model of one file, else a
 * folder of links with the files' own names. The blobs are leased for as long.
 */
export async function withModelPath<T>(
  store: Store,
  ref: Ref,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const entry = await requireTag(store, ref);
  await requireBlobs(store, entry.image.layers);
  const weights = entry.image.layers.filter(({ mediaType }) => mediaType === MEDIA.model);
  const [only] = weights.length === 1 ? weights : entry.image.layers.length === 1 ? entry.image.layers : [];
  let started = false;
  try {
    return await withWork(store, async (work) => {
      await work.name(entry.named);
      // Once more: only what is looked at under the lease is safe from gc.
      await requireBlobs(store, entry.image.layers);
      const path = only === undefined ? await folderOfLinks() : blobPath(store.root, only.digest);
      started = true;
      return await use(path);

      async function folderOfLinks(): Promise<string> {
        const folder = `${work.folder}/model`;
        for (const file of planExport(store, entry, "dir")) {
          if (file.kind !== "blob") continue;
          const at = `${folder}/${file.path}`;
          await store.world.files.makeFolder(at.slice(0, at.lastIndexOf("/")));
          await store.world.files.symlink(blobPath(store.root, file.blob.digest), at);
        }
        return folder;
      }
    });
  } catch (error) {
    if (started || only === undefined || !READ_ONLY.has(systemCode(error) ?? "")) throw error;
    return use(blobPath(store.root, only.digest));
  }
}
