import { AprError, asAprError } from "../base/errors.ts";
import { type DescribeModel, importModel, type ImportRequest, type ModelPart } from "./import.ts";
import type { Digest } from "./digest.ts";
import { collect } from "./gc.ts";
import { ingestFile, type IngestOptions } from "./ingest.ts";
import { blobPath } from "./layout.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";
import { uniqueBlobs } from "./list.ts";
import { publishManifest, tagExists } from "./publish.ts";
import { formatRef, isSafeRef, nameFrom, type Ref } from "./ref.ts";
import { findModel } from "./sources.ts";
import { openStore, removeMade, type Store } from "./store.ts";
import { eachTag, readTag, type TagEntry } from "./tags.ts";
import { withWork } from "./work.ts";

export interface Adopted {
  readonly adopted: readonly string[];
  /** There already. */
  readonly known: readonly string[];
  readonly skipped: readonly { readonly tag: string; readonly why: string }[];
}

interface Tally {
  readonly adopted: string[];
  readonly known: string[];
  readonly skipped: { readonly tag: string; readonly why: string }[];
}

/** By shared blocks or hard links only: adopting never makes a second copy. */
const SHARE = { link: true, neverCopy: true } as const;

/** Registers the models of an Ollama store. Every blob is hashed on the way in. */
export function adoptOllama(store: Store, folder: string, options: IngestOptions): Promise<Adopted> {
  return wholeOrNone(store, async () => {
    const other = await openStore(store.world, folder);
    if (other === null) throw noCache(folder);
    if (other.root === store.root) throw new AprError("usage", `this is the store itself: ${folder}`);
    const tally: Tally = { adopted: [], known: [], skipped: [] };
    for await (const entry of eachTag(other)) {
      if (entry.kind === "unreadable") {
        tally.skipped.push({ tag: entry.path.slice(other.root.length + 1), why: entry.why });
      } else {
        await tallied(tally, formatRef(entry.ref), () => adoptTag(store, other, entry, options));
      }
    }
    return tally;
  });
}

/** False when the tag was there already. On failure no blob stays that was placed for it alone. */
async function adoptTag(
  store: Store,
  other: Store,
  entry: TagEntry & { readonly kind: "tag" },
  options: IngestOptions,
): Promise<boolean> {
  const there = await readTag(store, entry.ref);
  if (there?.kind === "tag" && Buffer.compare(there.imageBytes, entry.imageBytes) === 0) return false;
  if (there !== null) throw tagExists(entry.ref);
  const blobs = uniqueBlobs(entry.image);
  const placed: Digest[] = [];
  try {
    return await withWork(store, async (work) => {
      for (const { digest } of blobs) {
        const path = blobPath(other.root, digest);
        const { how } = await ingestFile(store, work, path, { ...options, ...SHARE, expect: digest });
        if (how !== "known") placed.push(digest);
      }
      return (await publishManifest(store, work, entry.ref, entry.imageBytes, blobs)) === "published";
    });
  } catch (error) {
    await freeAgain(store, placed);
    throw error;
  }
}

/** By gc's own careful way: by now another tag may need them. */
async function freeAgain(store: Store, placed: readonly Digest[]): Promise<void> {
  try {
    if (placed.length > 0) await collect(store, { only: placed });
  } catch {
    // The next gc finds them; the first error is the one to tell.
  }
}

/** Takes a new store's folders back when the whole of it fails. */
async function wholeOrNone(store: Store, adopt: () => Promise<Adopted>): Promise<Adopted> {
  try {
    return await adopt();
  } catch (error) {
    await removeMade(store);
    throw error;
  }
}

/** Registers the models of a Hugging Face cache, each as `huggingface.co/<owner>/<name>:<file or revision>`. */
export function adoptHuggingFace(
  store: Store,
  folder: string,
  describe: DescribeModel,
  options: IngestOptions,
): Promise<Adopted> {
  return wholeOrNone(store, async () => {
    const entries = await store.world.files.entries(folder, MAX_FOLDER_ENTRIES);
    if (entries === null) throw noCache(folder);
    const tally: Tally = { adopted: [], known: [], skipped: [] };
    // One model that fails must not take the store's folders away from the next.
    const keeping: Store = { ...store, made: [] };
    for (const { name, kind } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (kind !== "folder" || !name.startsWith("models--")) continue;
      for (const { ref, parts } of await modelsOf(store, `${folder}/${name}`, tally)) {
        const source = { kind: "files", parts } as const;
        const request: ImportRequest = { ...options, ...SHARE, ref, describe, source };
        await tallied(tally, formatRef(ref), async () => (await importModel(keeping, request)).created);
      }
    }
    return tally;
  });
}

async function tallied(tally: Tally, tag: string, adopt: () => Promise<boolean>): Promise<void> {
  try {
    ((await adopt()) ? tally.adopted : tally.known).push(tag);
  } catch (thrown) {
    const error = asAprError(thrown);
    // One bad model must not keep the others out; a full disk or Ctrl-C ends all.
    if (error.kind === "interrupted" || error.kind === "terminated" || error.fields["code"] === "ENOSPC")
      throw error;
    tally.skipped.push({ tag, why: error.message });
  }
}

interface CachedModel {
  readonly ref: Ref;
  readonly parts: readonly ModelPart[];
}

/** Every snapshot that a branch or tag of the cached repository points to. */
async function modelsOf(store: Store, folder: string, tally: Tally): Promise<CachedModel[]> {
  const { files } = store.world;
  const repository = folder.slice(folder.lastIndexOf("/models--") + "/models--".length);
  const [owner, ...rest] = repository.split("--");
  const [namespace, name] = rest.length === 0 ? ["library", owner ?? ""] : [owner ?? "", rest.join("--")];
  const found: CachedModel[] = [];
  for (const { name: branch, kind } of (await files.entries(`${folder}/refs`, MAX_FOLDER_ENTRIES)) ?? []) {
    if (kind !== "file") continue;
    const read = await files.readSmall(`${folder}/refs/${branch}`, 4096);
    const revision = read.kind === "bytes" ? new TextDecoder().decode(read.bytes).trim() : "";
    if (!/^[0-9a-f]{40}$/.test(revision)) continue;
    const base = { host: "huggingface.co", namespace, name };
    try {
      const { parts } = await findModel(store.world, `${folder}/snapshots/${revision}`);
      found.push(...split(base, branch, parts).filter(({ ref }) => isSafeRef(ref)));
    } catch (error) {
      tally.skipped.push({ tag: `${namespace}/${name}:${branch}`, why: asAprError(error).message });
    }
  }
  return found;
}

/** A repository of GGUF files holds one model in many sizes: each is a tag. Anything else is one model. */
function split(
  base: Pick<Ref, "host" | "namespace" | "name">,
  branch: string,
  parts: readonly ModelPart[],
): CachedModel[] {
  const single = parts.filter(
    ({ title }) => /\.gguf$/i.test(title) && !/-\d{5}-of-\d{5}\.gguf$/i.test(title),
  );
  if (single.length === 0) return [{ ref: { ...base, tag: nameFrom(branch) }, parts }];
  return single.map((part) => ({
    ref: { ...base, tag: nameFrom(part.title.replace(/\.gguf$/i, "").replaceAll("/", "-")) },
    parts: [part],
  }));
}

function noCache(folder: string): AprError {
  return new AprError("not-found", `no such folder: ${folder}`, { fields: { path: folder } });
}
