import { AprError } from "../base/errors.ts";
import { findBlob, syncBlobs } from "./blobs.ts";
import { MANIFEST_MODE, manifestPath, manifestsFolder, parentOf } from "./layout.ts";
import { MAX_MANIFEST_BYTES } from "./limits.ts";
import type { Descriptor } from "./manifest.ts";
import { formatRef, type Ref } from "./ref.ts";
import type { Store } from "./store.ts";
import { strangeParent } from "./tags.ts";
import { LeaseLost, type Work } from "./work.ts";

/** `same`: the tag was there already with this very manifest. */
export type Published = "published" | "same";

/** Folders may be removed by an `apr rm` at the same moment; more often means that something is wrong. */
const MAX_TRIES = 16;

/**
 * Makes a tag visible: manifest in `ingest/`, synced → its blobs checked and synced → linked under its name →
 * folder synced → blobs checked once more, since another program may prune what no manifest named.
 * Throws `exists` when the tag is there with another manifest; a tag is never replaced.
 */
export async function publishManifest(
  store: Store,
  work: Work,
  ref: Ref,
  bytes: Uint8Array,
  blobs: readonly Descriptor[],
  signal?: AbortSignal,
): Promise<Published> {
  const { files } = store.world;
  const temp = `${work.folder}/manifest`;
  await files.unlink(temp);
  const file = await files.createNew(temp, MANIFEST_MODE);
  try {
    await file.writeAt(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  // After the file is there, and after the lease has named them: see work.ts.
  await requireBlobs(store, blobs);
  await syncBlobs(store);
  const path = manifestPath(store.root, ref);
  if ((await linkNew(store, work, temp, path, ref)) === "exists") {
    const there = await files.readSmall(path, MAX_MANIFEST_BYTES);
    if (there.kind === "bytes" && Buffer.compare(there.bytes, bytes) === 0) return "same";
    throw tagExists(ref);
  }
  try {
    await files.syncFolder(parentOf(path));
    await requireBlobs(store, blobs);
    // Syncing can take long: Ctrl-C during it still means that nothing was done.
    signal?.throwIfAborted();
  } catch (error) {
    await takeBack(store, temp, path);
    throw error;
  }
  await files.unlink(temp);
  return "published";
}

/** Throws `not-found` with the digest when a blob is missing or has the wrong size. */
export async function requireBlobs(store: Store, blobs: readonly Descriptor[]): Promise<void> {
  for (const { digest, sizeBytes } of blobs) {
    const facts = await findBlob(store, digest);
    if (facts?.sizeBytes === sizeBytes) continue;
    const what = facts === null ? "is missing" : `has ${facts.sizeBytes} bytes instead of ${sizeBytes}`;
    throw new AprError("not-found", `a blob ${what}: ${digest}`, {
      hint: "apr verify says which tags need it",
      fields: { code: "blob-missing", digest },
    });
  }
}

export function tagExists(ref: Ref): AprError {
  const tag = formatRef(ref);
  return new AprError("exists", `the tag is there already: ${tag}`, {
    hint: `apr rm ${tag} removes it`,
    fields: { code: "destination-exists", tag },
  });
}

async function linkNew(
  store: Store,
  work: Work,
  temp: string,
  path: string,
  ref: Ref,
): Promise<"linked" | "exists"> {
  const { files } = store.world;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    await makeParents(store, path);
    const outcome = await files.link(temp, path);
    if (outcome === "linked" || outcome === "exists") return outcome;
    if ((await files.facts(work.folder)) === null) throw new LeaseLost();
    if (outcome === "unsupported") {
      // Without hard links two writers of one tag can meet here; the later one wins, and both are whole.
      if ((await files.facts(path)) !== null) return "exists";
      if (await files.move(temp, path)) return "linked";
    }
  }
  throw new AprError("io", `cannot publish ${formatRef(ref)}: its folder goes away again and again`);
}

/** Each folder by itself, so that a link among them is seen, and each name made durable. */
async function makeParents(store: Store, path: string): Promise<void> {
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
      if (await files.makeOneFolder(next)) await files.syncFolder(at);
    } catch {
      // Removed by somebody at this moment: the link fails then, and all is tried again.
      if ((await files.facts(at)) !== null) throw new AprError("io", `cannot make a folder: ${next}`);
      return;
    }
    at = next;
  }
}

/** Only the very file that was published: by now the name may be another's. */
async function takeBack(store: Store, temp: string, path: string): Promise<void> {
  const { files } = store.world;
  const [ours, there] = [await files.facts(temp), await files.facts(path)];
  if (ours !== null && ours.inode === there?.inode) await files.unlink(path);
}
