import { blobPath } from "./layout.ts";
import { type ModelSummary, NO_SUMMARY, readConfig } from "./config.ts";
import type { Digest } from "./digest.ts";
import { MAX_CONFIG_BYTES } from "./limits.ts";
import { blobsOf, type Descriptor } from "./manifest.ts";
import { formatRef } from "./ref.ts";
import type { Store } from "./store.ts";
import { eachTag, type ImageManifest, manifestDigest, type TagEntry } from "./tags.ts";

export type Listed =
  | {
      readonly kind: "tag";
      readonly tag: string;
      /** Of the manifest. */
      readonly digest: Digest;
      /** All blobs together. */
      readonly sizeBytes: number;
      readonly summary: ModelSummary;
      readonly modifiedMs: number;
    }
  | { readonly kind: "unreadable"; readonly path: string; readonly tag: string | null; readonly why: string };

const NS_PER_MS = 1_000_000n;

/** Every tag, sorted by name, and every manifest that cannot be read. */
export async function listTags(store: Store): Promise<Listed[]> {
  const listed = new Map<string, Listed>();
  const configs = new Map<Digest, ModelSummary>();
  for await (const entry of eachTag(store)) {
    const item = await describeEntry(store, entry, configs);
    const key = item.tag ?? (item.kind === "unreadable" ? item.path : "");
    // The classic form comes first, and it is the one that apr uses.
    if (!listed.has(key)) listed.set(key, item);
  }
  return [...listed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/** A tag as `ls` and `show` tell of it. */
export async function describeEntry(
  store: Store,
  entry: TagEntry,
  configs: Map<Digest, ModelSummary> = new Map<Digest, ModelSummary>(),
): Promise<Listed> {
  if (entry.kind === "unreadable") {
    const { path, why, ref } = entry;
    return { kind: "unreadable", path: path.slice(store.root.length + 1), tag: ref && formatRef(ref), why };
  }
  return {
    kind: "tag",
    tag: formatRef(entry.ref),
    digest: manifestDigest(store, entry.imageBytes),
    sizeBytes: uniqueBlobs(entry.image).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    summary: await summaryOf(store, entry.image, configs),
    modifiedMs: Number(entry.writtenNs / NS_PER_MS),
  };
}

/** Each blob once: a model may name the same one in several layers. */
export function uniqueBlobs(image: ImageManifest): Descriptor[] {
  return [...new Map(blobsOf(image).map((blob) => [blob.digest, blob])).values()];
}

async function summaryOf(
  store: Store,
  { config }: ImageManifest,
  known: Map<Digest, ModelSummary>,
): Promise<ModelSummary> {
  if (config === null) return NO_SUMMARY;
  const before = known.get(config.digest);
  if (before !== undefined) return before;
  const read = await store.world.files.readSmall(blobPath(store.root, config.digest), MAX_CONFIG_BYTES);
  const summary = read.kind === "bytes" ? readConfig(read.bytes) : NO_SUMMARY;
  known.set(config.digest, summary);
  return summary;
}
