import { blobPath, blobsFolder, quarantineFolder } from "./layout.ts";
import { type Digest, digestOfBlobName } from "./digest.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";
import { type Marks, takeMarks, type Unreadable } from "./marks.ts";
import type { Store } from "./store.ts";
import { syncManifests } from "./sync-manifests.ts";

// Collection without a lock:
//
//   1. take marks: what leases and manifests name
//   2. move every blob without a mark to quarantine, under this collector's own name
//   3. take the marks again
//   4. put what was seen of the manifests on the medium: a removal that a power cut undoes would name its blobs again
//   5. delete what still has none; put back the rest
//
// A writer names its blobs in its lease, and only then looks whether they are there. So a lease that step 3
// does not see was written after step 2, and its writer finds the blob gone, or in quarantine and takes it back.
// Each collector deletes only under its own name, so that a blob which was taken back and moved away again by
// another one is not deleted on old marks.

export interface Freed {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export type Collected =
  | {
      readonly kind: "collected";
      readonly blobs: readonly Freed[];
      readonly freedBytes: number;
      /** Unfinished work of ended processes that was cleared away. */
      readonly works: number;
    }
  | { readonly kind: "refused"; readonly unreadable: readonly Unreadable[]; readonly works: number };

export interface GcOptions {
  readonly dryRun?: boolean;
  /** Look at these blobs only. */
  readonly only?: readonly Digest[];
  readonly signal?: AbortSignal | undefined;
}

/** Deletes blobs that no tag names, and clears away dead work. Deletes no blob while a manifest is unreadable. */
export async function collect(store: Store, options: GcOptions = {}): Promise<Collected> {
  const own = Buffer.from(store.world.random.bytes(8)).toString("hex");
  const dryRun = options.dryRun === true;
  // A store that only Ollama has used has none; without it nothing could be moved, and dead work not be broken.
  if (!dryRun) await store.world.files.makeOneFolder(quarantineFolder(store.root));
  const first = await takeMarks(store, dryRun ? null : own);
  if (dryRun) {
    const leftOver = (await entriesOf(store, null)).flatMap(({ digest, sizeBytes }) =>
      first.named.has(digest) ? [] : [{ digest, sizeBytes }],
    );
    return report(first, [...leftOver, ...(await candidates(store, first, options.only))].sort(byDigest));
  }
  try {
    // Whoever looks at a few blobs only leaves the others' to a real collection.
    if (options.only === undefined) await takeOver(store, own);
    if (first.unreadable.length > 0)
      return { kind: "refused", unreadable: first.unreadable, works: first.dead.length };
    const there = new Set((await entriesOf(store, own)).map(({ digest }) => digest));
    for (const { digest } of await candidates(store, first, options.only)) {
      options.signal?.throwIfAborted();
      const [from, to] = [blobPath(store.root, digest), quarantined(store, digest, own)];
      if (there.has(digest)) await moveOne(store, from, to);
      else await store.world.files.move(from, to);
    }
    const moved = await entriesOf(store, own);
    if (moved.length === 0) return report(first, []);
    const second = await takeMarks(store, own);
    options.signal?.throwIfAborted();
    if (second.unreadable.length === 0) await syncManifests(store);
    const freed = second.unreadable.length > 0 ? [] : await deleteUnnamed(store, moved, second);
    return report({ ...second, dead: [...first.dead, ...second.dead] }, freed);
  } finally {
    await putBack(store, own);
    await clearWork(store, own);
  }
}

function report({ unreadable, dead }: Marks, blobs: readonly Freed[]): Collected {
  if (unreadable.length > 0) return { kind: "refused", unreadable, works: dead.length };
  const freedBytes = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { kind: "collected", blobs, freedBytes, works: dead.length };
}

/** Blobs without a mark. Other files, such as another program's partial downloads, are left alone. */
async function candidates(store: Store, marks: Marks, only: readonly Digest[] | undefined): Promise<Freed[]> {
  const { files } = store.world;
  const wanted = only === undefined ? null : new Set(only);
  const found: Freed[] = [];
  for (const { name, kind } of (await files.entries(blobsFolder(store.root), MAX_FOLDER_ENTRIES)) ?? []) {
    const digest = digestOfBlobName(name);
    if (digest === null || kind !== "file" || marks.named.has(digest)) continue;
    if (wanted !== null && !wanted.has(digest)) continue;
    const facts = await files.facts(blobPath(store.root, digest));
    if (facts !== null) found.push({ digest, sizeBytes: facts.sizeBytes });
  }
  return found.sort(byDigest);
}

function byDigest(a: Freed, b: Freed): number {
  return a.digest < b.digest ? -1 : 1;
}

/** What a collector left that was killed. One that is alive finds its names gone and leaves the rest to this one. */
async function takeOver(store: Store, own: string): Promise<void> {
  const { files } = store.world;
  const folder = quarantineFolder(store.root);
  for (const { name } of (await files.entries(folder, MAX_FOLDER_ENTRIES)) ?? []) {
    const cut = name.lastIndexOf(".");
    const [first, owner] = cut === -1 ? [name, ""] : [name.slice(0, cut), name.slice(cut + 1)];
    if (owner !== own) await moveOne(store, `${folder}/${name}`, `${folder}/${first}.${own}`);
  }
}

/**
 * A power cut can leave a file under both names of a rename, and to rename one of its names to the other does nothing:
 * then the first one goes. Who takes the blob back at this moment has named it, and the second marks show that.
 */
async function moveOne(store: Store, from: string, to: string): Promise<void> {
  const { files } = store.world;
  if (!(await files.move(from, to))) return;
  const [left, there] = [await files.facts(from), await files.facts(to)];
  if (left === null || there === null) return;
  if (left.inode === there.inode && left.device === there.device) await files.unlink(from);
}

interface Entry extends Freed {
  readonly path: string;
}

/** Blobs in quarantine: those of one collector, or of all. */
async function entriesOf(store: Store, own: string | null): Promise<Entry[]> {
  const { files } = store.world;
  const folder = quarantineFolder(store.root);
  const found: Entry[] = [];
  for (const { name, kind } of (await files.entries(folder, MAX_FOLDER_ENTRIES)) ?? []) {
    const cut = name.lastIndexOf(".");
    const digest = digestOfBlobName(name.slice(0, Math.max(0, cut)));
    if (digest === null || kind !== "file" || (own !== null && name.slice(cut + 1) !== own)) continue;
    const path = `${folder}/${name}`;
    const facts = await files.facts(path);
    if (facts !== null) found.push({ digest, path, sizeBytes: facts.sizeBytes });
  }
  return found.sort(byDigest);
}

async function deleteUnnamed(store: Store, moved: readonly Entry[], marks: Marks): Promise<Freed[]> {
  const freed: Freed[] = [];
  for (const { digest, path, sizeBytes } of moved) {
    if (!marks.named.has(digest) && (await store.world.files.unlink(path))) freed.push({ digest, sizeBytes });
  }
  return freed;
}

/** Whatever this collector has not deleted goes back: it is named after all, or the collection was broken off. */
async function putBack(store: Store, own: string): Promise<void> {
  const left = await entriesOf(store, own);
  for (const { digest, path } of left) await moveOne(store, path, blobPath(store.root, digest));
  if (left.length > 0) await store.world.files.syncFolder(blobsFolder(store.root));
}

async function clearWork(store: Store, own: string): Promise<void> {
  const { files } = store.world;
  const folder = quarantineFolder(store.root);
  for (const { name } of (await files.entries(folder, MAX_FOLDER_ENTRIES)) ?? []) {
    if (name.startsWith("work-") && name.endsWith(`.${own}`)) await files.remove(`${folder}/${name}`);
  }
}

function quarantined(store: Store, digest: Digest, own: string): string {
  return `${quarantineFolder(store.root)}/${digest.replace(":", "-")}.${own}`;
}
