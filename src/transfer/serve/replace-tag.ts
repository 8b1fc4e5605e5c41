import { AprError } from "../../base/errors.ts";
import { syncBlobs } from "../../store/blobs.ts";
import { MANIFEST_MODE, manifestPath, parentOf } from "../../store/layout.ts";
import type { Descriptor } from "../../store/manifest.ts";
import { publishManifest, requireBlobs } from "../../store/publish.ts";
import type { Ref } from "../../store/ref.ts";
import type { Store } from "../../store/store.ts";
import { strangeParent } from "../../store/tags.ts";
import type { Work } from "../../store/work.ts";

/**
 * Puts another manifest in the place of a tag's, in one step: whoever reads sees the old one or the new one.
 * It is renamed from the work's own folder, so that nothing appears once its lease was broken.
 */
export async function replaceTag(
  store: Store,
  work: Work,
  ref: Ref,
  bytes: Uint8Array,
  blobs: readonly Descriptor[],
): Promise<void> {
  const { files } = store.world;
  const path = manifestPath(store.root, ref);
  // A tag of newer Ollama's form stays, behind the classic one; and a tag may be gone by now.
  const facts = await files.facts(path);
  if (facts === null) {
    await publishManifest(store, work, ref, bytes, blobs);
    return;
  }
  const strange = await strangeParent(store, path);
  if (strange !== null || facts.kind === "folder") {
    throw new AprError("malformed", `unsafe store: ${strange ?? "a folder lies where a manifest should"}`);
  }
  const temp = `${work.folder}/replacing`;
  const file = await files.createNew(temp, MANIFEST_MODE);
  try {
    await file.writeAt(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await requireBlobs(store, blobs);
  await syncBlobs(store);
  await files.move(temp, path);
  await files.syncFolder(parentOf(path));
}
