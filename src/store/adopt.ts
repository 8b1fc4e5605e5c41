import { AprError, asAprError } from "../base/errors.ts";
import { type DescribeModel, importModel, type ImportRequest, type ModelPart } from "./import.ts";
import { ingestFile, type IngestOptions } from "./ingest.ts";
import { blobPath } from "./layout.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";
import { uniqueBlobs } from "./list.ts";
import { publishManifest } from "./publish.ts";
import { formatRef, isSafeRef, nameFrom, type Ref } from "./ref.ts";
import { findModel } from "./sources.ts";
import { openStore, type Store } from "./store.ts";
import { eachTag, readTag } from "./tags.ts";
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
export async function adoptOllama(store: Store, folder: string, options: IngestOptions): Promise<Adopted> {
  const other = await openStore(store.world, folder);
  if (other === null) throw noCache(folder);
  if (other.root === store.root) throw new AprError("usage", `this is the store itself: ${folder}`);
  const tally: Tally = { adopted: [], known: [], skipped: [] };
  for await (const entry of eachTag(other)) {
    const tag = entry.kind === "unreadable" ? entry.path.slice(other.root.length + 1) : formatRef(entry.ref);
    if (entry.kind === "unreadable") {
      tally.skipped.push({ tag, why: entry.why });
      continue;
    }
    await tallied(tally, tag, async () => {
      const there = await readTag(store, entry.ref);
      if (there?.kind === "tag" && Buffer.compare(there.imageBytes, entry.imageBytes) === 0) return false;
      const blobs = uniqueBlobs(entry.image);
      return withWork(store, async (work) => {
        for (const { digest } of blobs) {
          const path = blobPath(other.root, digest);
          await ingestFile(store, work, path, { ...options, ...SHARE, expect: digest });
        }
        return (await publishManifest(store, work, entry.ref, entry.imageBytes, blobs)) === "published";
      });
    });
  }
  return tally;
}

/** Registers the models of a Hugging Face cache, each as `huggingface.co/<owner>/<name>:<file or revision>`. */
export async function adoptHuggingFace(
  store: Store,
  folder: string,
  describe: DescribeModel,
  options: IngestOptions,
): Promise<Adopted> {
  const { files } = store.world;
  const entries = await files.entries(folder, MAX_FOLDER_ENTRIES);
  if (entries === null) throw noCache(folder);
  const tally: Tally = { adopted: [], known: [], skipped: [] };
  for (const { name, kind } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (kind !== "folder" || !name.startsWith("models--")) continue;
    for (const { ref, parts } of await modelsOf(store, `${folder}/${name}`, tally)) {
      const request: ImportRequest = {
        ...options,
        ...SHARE,
        ref,
        describe,
        source: { kind: "files", parts },
      };
      await tallied(tally, formatRef(ref), async () => (await importModel(store, request)).created);
    }
  }
  return tally;
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
