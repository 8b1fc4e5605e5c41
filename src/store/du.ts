import { blobPath, blobsFolder, transfersFolder } from "./layout.ts";
import { type Digest, digestOfBlobName } from "./digest.ts";
import { uniqueBlobs } from "./list.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";
import { formatRef } from "./ref.ts";
import type { Store } from "./store.ts";
import { eachTag } from "./tags.ts";

export interface TagUse {
  readonly tag: string;
  readonly sizeBytes: number;
  /** Of these, bytes that another tag names too. */
  readonly sharedBytes: number;
}

export interface DiskUse {
  /** What the blobs take on the disk. Blocks that files share count in each of them: no system call tells. */
  readonly realBytes: number;
  /** Blobs that several tags name, once. */
  readonly sharedBytes: number;
  /** What a copy for every tag would take more. */
  readonly savedBytes: number;
  /** Blobs that no readable tag names: what gc may free. */
  readonly unnamedBytes: number;
  /** Unfinished pulls and pushes: what apr transfers lists. They come on top of the blobs. */
  readonly unfinishedBytes: number;
  readonly tags: readonly TagUse[];
}

export async function diskUse(store: Store): Promise<DiskUse> {
  const tags: { readonly tag: string; readonly blobs: readonly Digest[] }[] = [];
  const uses = new Map<Digest, number>();
  for await (const entry of eachTag(store)) {
    if (entry.kind !== "tag") continue;
    const blobs = uniqueBlobs(entry.image).map(({ digest }) => digest);
    tags.push({ tag: formatRef(entry.ref), blobs });
    for (const digest of new Set(entry.named)) uses.set(digest, (uses.get(digest) ?? 0) + 1);
  }
  const sizes = await blobSizes(store);
  const sum = (digests: Iterable<Digest>): number =>
    [...digests].reduce((bytes, digest) => bytes + (sizes.get(digest)?.sizeBytes ?? 0), 0);
  const all = sum(uses.keys());
  const wanted = tags.reduce((bytes, { blobs }) => bytes + sum(blobs), 0);
  return {
    realBytes: [...sizes.values()].reduce((bytes, { realBytes }) => bytes + realBytes, 0),
    sharedBytes: sum([...uses].filter(([, count]) => count > 1).map(([digest]) => digest)),
    savedBytes: Math.max(0, wanted - all),
    unnamedBytes: sum([...sizes.keys()].filter((digest) => !uses.has(digest))),
    unfinishedBytes: await unfinishedBytes(store),
    tags: tags
      .map(({ tag, blobs }) => ({
        tag,
        sizeBytes: sum(blobs),
        sharedBytes: sum(blobs.filter((digest) => (uses.get(digest) ?? 0) > 1)),
      }))
      .sort((a, b) => (a.tag < b.tag ? -1 : 1)),
  };
}

interface Size {
  readonly sizeBytes: number;
  readonly realBytes: number;
}

async function blobSizes(store: Store): Promise<Map<Digest, Size>> {
  const { files } = store.world;
  const sizes = new Map<Digest, Size>();
  for (const { name, kind } of (await files.entries(blobsFolder(store.root), MAX_FOLDER_ENTRIES)) ?? []) {
    const digest = digestOfBlobName(name);
    if (digest === null || kind !== "file") continue;
    const facts = await files.facts(blobPath(store.root, digest));
    if (facts !== null) sizes.set(digest, { sizeBytes: facts.sizeBytes, realBytes: facts.allocatedBytes });
  }
  return sizes;
}

async function unfinishedBytes({ root, world: { files } }: Store): Promise<number> {
  let sum = 0;
  for (const { name, kind } of (await files.entries(transfersFolder(root), MAX_FOLDER_ENTRIES)) ?? []) {
    if (kind !== "folder") continue;
    const folder = `${transfersFolder(root)}/${name}`;
    for (const entry of (await files.entries(folder, MAX_FOLDER_ENTRIES)) ?? []) {
      if (entry.kind === "file") sum += (await files.facts(`${folder}/${entry.name}`))?.allocatedBytes ?? 0;
    }
  }
  return sum;
}
