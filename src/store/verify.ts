import { systemCode } from "../base/errors.ts";
import { findBlob, syncBlobs } from "./blobs.ts";
import { requireTag } from "./copy-tag.ts";
import { type Digest, digestOf, digestOfBlobName } from "./digest.ts";
import { ingestFile } from "./ingest.ts";
import { blobName, blobPath, blobsFolder } from "./layout.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";
import { blobsOf } from "./manifest.ts";
import { formatRef, type Ref } from "./ref.ts";
import type { Store } from "./store.ts";
import { eachTag, readTag, type TagEntry } from "./tags.ts";
import { withWork } from "./work.ts";

export type ProblemKind = "missing" | "wrong-size" | "wrong-bytes" | "unreadable-manifest";

export interface Problem {
  readonly kind: ProblemKind;
  /** The blob's digest, or the manifest's path in the store. */
  readonly subject: string;
  /** Tags that need it. */
  readonly tags: readonly string[];
  readonly detail: string;
}

export interface Verified {
  readonly blobs: number;
  readonly sizeBytes: number;
  readonly problems: readonly Problem[];
  readonly repaired: readonly Digest[];
}

export interface VerifyOptions {
  readonly refs?: readonly Ref[];
  /** A store, a cache, a folder of blobs or one file, to take good bytes from. */
  readonly repairFrom?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Told once: how many bytes the manifests say there are. */
  readonly onTotal?: ((bytes: number) => void) | undefined;
}

interface Wanted {
  readonly digest: Digest;
  /** As the manifests say, which may disagree; none for a blob that no manifest names. */
  readonly sizes: ReadonlySet<number>;
  readonly tags: readonly Ref[];
}

/** One bad sector, or one file of another user, must not hide the state of all others. */
const UNREADABLE: ReadonlySet<string> = new Set(["EIO", "EACCES", "EPERM", "EUCLEAN"]);

/** Hashes blobs again on all cores: those of the given tags, or every one in the store. */
export async function verifyStore(store: Store, options: VerifyOptions = {}): Promise<Verified> {
  const { wanted, problems } = await gather(store, options.refs);
  options.onTotal?.([...wanted.values()].reduce((sum, each) => sum + Math.max(0, ...each.sizes), 0));
  let sizeBytes = 0;
  const found: Problem[] = [...problems];
  await eachInParallel([...wanted.values()], store.world.host.cores, async (item) => {
    options.signal?.throwIfAborted();
    const checked = await check(store, item, options);
    if (checked.problem !== null) found.push(checked.problem);
    sizeBytes += checked.sizeBytes;
  });
  const repaired =
    options.repairFrom === undefined ? [] : await repair(store, found, wanted, options.repairFrom);
  const left = found.filter(({ subject }) => !repaired.some((digest) => digest === subject));
  left.sort((a, b) => (a.subject < b.subject ? -1 : 1));
  return { blobs: wanted.size, sizeBytes, problems: left, repaired };
}

async function gather(
  store: Store,
  refs: readonly Ref[] | undefined,
): Promise<{ readonly wanted: Map<Digest, Wanted>; readonly problems: readonly Problem[] }> {
  const wanted = new Map<Digest, Wanted & { readonly sizes: Set<number>; readonly tags: Ref[] }>();
  const problems: Problem[] = [];
  const take = (entry: TagEntry): void => {
    if (entry.kind === "unreadable") {
      const subject = entry.path.slice(store.root.length + 1);
      const tags = entry.ref === null ? [] : [formatRef(entry.ref)];
      problems.push({ kind: "unreadable-manifest", subject, tags, detail: entry.why });
      return;
    }
    for (const digest of entry.named) {
      // One list that grows: thousands of tags may share a blob.
      const item = wanted.get(digest) ?? { digest, sizes: new Set(), tags: [] };
      item.tags.push(entry.ref);
      wanted.set(digest, item);
    }
    for (const { digest, sizeBytes } of blobsOf(entry.image)) wanted.get(digest)?.sizes.add(sizeBytes);
  };
  if (refs !== undefined) {
    for (const ref of refs) take(await requireTag(store, ref));
    return { wanted, problems };
  }
  for await (const entry of eachTag(store)) take(entry);
  const entries = await store.world.files.entries(blobsFolder(store.root), MAX_FOLDER_ENTRIES);
  for (const { name } of entries ?? []) {
    const digest = digestOfBlobName(name);
    if (digest !== null && !wanted.has(digest)) wanted.set(digest, { digest, sizes: new Set(), tags: [] });
  }
  return { wanted, problems };
}

interface Checked {
  readonly problem: Problem | null;
  readonly sizeBytes: number;
}

async function check(store: Store, wanted: Wanted, options: VerifyOptions): Promise<Checked> {
  const { digest, tags } = wanted;
  const problem = (kind: ProblemKind, detail: string, sizeBytes = 0): Checked => ({
    problem: { kind, subject: digest, tags: tags.map(formatRef), detail },
    sizeBytes,
  });
  for (;;) {
    const facts = await findBlob(store, digest);
    if (facts === null) {
      const needed = await stillNamed(store, wanted);
      return needed ? problem("missing", "not in the store") : { problem: null, sizeBytes: 0 };
    }
    // Each manifest by itself: another tag's right size hides no wrong one.
    const other = [...wanted.sizes].find((sizeBytes) => sizeBytes !== facts.sizeBytes);
    if (other !== undefined) return problem("wrong-size", `${facts.sizeBytes} bytes instead of ${other}`);
    try {
      const { signal, onBytes } = options;
      const hashed = await store.world.hash.file(blobPath(store.root, digest), {
        ...(signal === undefined ? {} : { signal }),
        ...(onBytes === undefined ? {} : { onBytes }),
      });
      if (digestOf(hashed.hex) === digest) return { problem: null, sizeBytes: hashed.sizeBytes };
      return problem("wrong-bytes", `its bytes are ${digestOf(hashed.hex)}`, hashed.sizeBytes);
    } catch (error) {
      // A collector took it away at this moment: look again.
      if (systemCode(error) === "ENOENT") continue;
      const code = systemCode(error) ?? "";
      if (UNREADABLE.has(code)) return problem("wrong-bytes", `cannot be read (${code})`);
      throw error;
    }
  }
}

/** A tag may have been removed, and its blobs collected, since it was read. */
async function stillNamed(store: Store, { digest, tags }: Wanted): Promise<boolean> {
  for (const ref of tags) {
    const entry = await readTag(store, ref);
    if (entry?.kind === "tag" && entry.named.includes(digest))
      return (await findBlob(store, digest)) === null;
  }
  return false;
}

async function repair(
  store: Store,
  problems: readonly Problem[],
  wanted: ReadonlyMap<Digest, Wanted>,
  from: string,
): Promise<Digest[]> {
  const bad = [...wanted.values()].filter(({ digest }) => problems.some(({ subject }) => subject === digest));
  const repaired: Digest[] = [];
  for (const { digest, sizes } of bad) {
    // Where manifests disagree one of them is wrong, which no bytes mend.
    if (sizes.size > 1) continue;
    for (const path of candidates(from, digest)) {
      if (!(await tryRepair(store, path, digest, sizes))) continue;
      repaired.push(digest);
      break;
    }
  }
  if (repaired.length > 0) await syncBlobs(store);
  return repaired;
}

/** Where stores and caches keep a blob: apr and Ollama, an OCI layout, a Hugging Face cache; or the file itself. */
function candidates(from: string, digest: Digest): string[] {
  const hex = digest.slice("sha256:".length);
  const name = blobName(digest);
  return [`blobs/${name}`, name, `blobs/sha256/${hex}`, `blobs/${hex}`, hex]
    .map((each) => `${from}/${each}`)
    .concat(from);
}

async function tryRepair(
  store: Store,
  path: string,
  digest: Digest,
  sizes: ReadonlySet<number>,
): Promise<boolean> {
  const { files } = store.world;
  const facts = await files.facts(await files.realPath(path).catch(() => path));
  if (facts?.kind !== "file" || (sizes.size > 0 && !sizes.has(facts.sizeBytes))) return false;
  // A source with the wrong bytes is no source; a disk that is full is an error all the same.
  if (digestOf((await store.world.hash.file(await files.realPath(path))).hex) !== digest) return false;
  await withWork(store, async (work) => {
    await work.name([digest]);
    await ingestFile(store, work, path, { expect: digest, replace: true });
  });
  return true;
}

async function eachInParallel<T>(
  items: readonly T[],
  width: number,
  use: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next++];
      if (item !== undefined) await use(item);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, lane));
}
