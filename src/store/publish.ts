import { AprError } from "../base/errors.ts";
import type { FileFacts, SmallRead } from "../world/files.ts";
import { findBlob, syncBlobs } from "./blobs.ts";
import { ingestFolder, MANIFEST_MODE, manifestPath } from "./layout.ts";
import { MAX_FOLDER_ENTRIES, MAX_MANIFEST_BYTES } from "./limits.ts";
import { type Descriptor, parseManifest } from "./manifest.ts";
import { formatRef, type Ref } from "./ref.ts";
import type { Store } from "./store.ts";
import { makeParents, removeParents, syncParents } from "./tag-folders.ts";
import { LeaseLost, type Work } from "./work.ts";

/** `same`: the tag was there already with this very manifest. */
export type Published = "published" | "same";

export interface PublishOptions {
  readonly signal?: AbortSignal | undefined;
  /** Takes the place of another manifest, in one step: the tag names the old one or the new one, always. */
  readonly replace?: boolean;
}

/** One attempt to make a tag visible. */
interface Publication {
  readonly store: Store;
  readonly work: Work;
  /** The manifest's first name. */
  readonly temp: string;
  readonly ref: Ref;
  /** Folders that were made for it. */
  readonly made: string[];
}

/** Folders may be removed by an `apr rm` at the same moment; more often means that something is wrong. */
const MAX_TRIES = 16;

/**
 * Makes a tag visible: manifest in `ingest/`, synced → its blobs checked and synced → linked under its name →
 * folder synced → blobs checked once more, since another program may prune what no manifest named.
 * Throws `exists` when the tag is there with another manifest and nobody asked to replace it.
 */
export async function publishManifest(
  store: Store,
  work: Work,
  ref: Ref,
  bytes: Uint8Array,
  blobs: readonly Descriptor[],
  { signal, replace = false }: PublishOptions = {},
): Promise<Published> {
  const { files } = store.world;
  refuseUnreadable(ref, bytes);
  const temp = `${work.folder}/manifest`;
  await files.unlink(temp);
  await writeManifestFile(store, temp, bytes);
  // After the file is there, and after the lease has named them: see work.ts.
  await requireBlobs(store, blobs);
  await syncBlobs(store);
  const path = manifestPath(store.root, ref);
  const made: string[] = [];
  let published: Published | undefined;
  try {
    published = await linkOrShare({ store, work, temp, ref, made }, bytes, replace);
    await syncParents(store, path);
    await requireBlobs(store, blobs);
    // Syncing can take long: Ctrl-C during it still means that nothing was done.
    signal?.throwIfAborted();
  } catch (error) {
    if (published === "published") await takeBack(store, temp, path);
    await removeParents(store, made);
    throw error;
  }
  await files.unlink(temp);
  return published;
}

/** What would be published and then not be understood would stop every collection. */
function refuseUnreadable(ref: Ref, bytes: Uint8Array): void {
  const outcome = parseManifest(bytes);
  const why =
    bytes.length > MAX_MANIFEST_BYTES
      ? `${bytes.length} bytes, more than ${MAX_MANIFEST_BYTES}`
      : outcome.kind === "unreadable"
        ? outcome.why
        : null;
  if (why === null) return;
  throw new AprError("malformed", `cannot make a manifest for ${formatRef(ref)}: ${why}`, {
    hint: "a model of fewer files, or with shorter names, has a smaller one",
    fields: { code: "bad-manifest" },
  });
}

/**
 * Links the manifest to its name. Where somebody has published the same just now, they could still take it back;
 * so their first name of it is removed, which they must have for that, and then the tag is looked at again.
 */
async function linkOrShare(
  publication: Publication,
  bytes: Uint8Array,
  replace: boolean,
): Promise<Published> {
  const { store, temp, ref } = publication;
  const { files } = store.world;
  const path = manifestPath(store.root, ref);
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    if ((await linkNew(publication, path)) === "linked") return "published";
    const there = await files.readSmall(path, MAX_MANIFEST_BYTES);
    if (there.kind === "absent") continue;
    if (!holds(there, bytes)) {
      if (!replace) throw tagExists(ref);
      // From here on there is no way back: the old manifest is gone, and the new one's blobs were seen.
      if (!(await files.move(temp, path))) throw new LeaseLost();
      return "published";
    }
    // A network file system may say "exists" of a link that it has just made.
    if (isOne(await files.facts(temp), there.facts)) return "published";
    if (there.facts.links > 1) await releaseFirstNames(store, there.facts);
    if (isOne(await files.facts(path), there.facts)) return "same";
  }
  throw new AprError("io", `cannot publish ${formatRef(ref)}: it comes and goes again and again`);
}

async function releaseFirstNames(store: Store, published: FileFacts): Promise<void> {
  const { files } = store.world;
  const folder = ingestFolder(store.root);
  for (const { name, kind } of (await files.entries(folder, MAX_FOLDER_ENTRIES)) ?? []) {
    const first = `${folder}/${name}/manifest`;
    if (kind === "folder" && isOne(await files.facts(first), published)) await files.unlink(first);
  }
}

function isOne(one: FileFacts | null, other: FileFacts): boolean {
  return one !== null && one.inode === other.inode && one.device === other.device;
}

function holds(read: SmallRead, bytes: Uint8Array): read is SmallRead & { kind: "bytes" } {
  return read.kind === "bytes" && Buffer.compare(read.bytes, bytes) === 0;
}

async function writeManifestFile(store: Store, path: string, bytes: Uint8Array): Promise<void> {
  const file = await store.world.files.createNew(path, MANIFEST_MODE);
  try {
    await file.writeAt(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A tag that somebody else made: after this it outlives the machine, with its blobs. They may have been killed before that. */
export async function syncTag(store: Store, ref: Ref): Promise<void> {
  await syncBlobs(store);
  await syncParents(store, manifestPath(store.root, ref));
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

export function tagExists(ref: Ref, hint: string = `apr rm ${formatRef(ref)} removes it`): AprError {
  const tag = formatRef(ref);
  return new AprError("exists", `the tag is there already: ${tag}`, {
    hint,
    fields: { code: "destination-exists", tag },
  });
}

async function linkNew(
  { store, work, temp, ref, made }: Publication,
  path: string,
): Promise<"linked" | "exists"> {
  const { files } = store.world;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    await makeParents(store, path, made);
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

/**
 * Only the very file that was published, and only while its first name is there: whoever relies on the tag by now
 * has removed that. The tag is out of sight before this is asked, so that nobody can begin to rely on it.
 */
async function takeBack(store: Store, temp: string, path: string): Promise<void> {
  const { files } = store.world;
  const ours = await files.facts(temp);
  if (ours === null || !isOne(await files.facts(path), ours)) return;
  const taken = `${temp}.taken`;
  if (!(await files.move(path, taken))) return;
  if (isOne(await files.facts(taken), ours) && (await files.unlink(temp))) return;
  await files.move(taken, temp);
  await files.link(temp, path);
}
