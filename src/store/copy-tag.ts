import { AprError } from "../base/errors.ts";
import { type CopyError, type ManifestView, planCopy } from "../contracts/copy-plan.ts";
import { type Digest, digestOf, hexOf } from "./digest.ts";
import { blobsOf } from "./manifest.ts";
import { publishManifest, requireBlobs, tagExists } from "./publish.ts";
import { formatRef, type Ref } from "./ref.ts";
import type { Store } from "./store.ts";
import { readTag, type TagEntry } from "./tags.ts";
import { withWork } from "./work.ts";

export interface CopiedTag {
  readonly source: string;
  readonly tag: string;
  readonly digests: readonly Digest[];
}

/** Copies a tag by exactly the steps of `planCopy`: every blob is checked in its place, the manifest comes last. */
export async function copyTag(
  store: Store,
  src: Ref,
  dst: Ref,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<CopiedTag> {
  const source = await readTag(store, src);
  if (source?.kind === "unreadable") throw unreadable(source);
  const target = await readTag(store, dst);
  const views = [source, target].filter((entry) => entry !== null).map(viewOf);
  const outcome = planCopy(views, planName(src), planName(dst));
  if (outcome.kind === "error") throw refusal(outcome.error, src, dst);
  if (source === null) throw new Error("planned without a source");
  const blobs = new Map(blobsOf(source.image).map((blob) => [hexOf(blob.digest), blob]));
  const digests = [...blobs.keys()].map(digestOf);
  await withWork(store, async (work) => {
    await work.name(digests);
    for (const step of outcome.plan.ops) {
      signal?.throwIfAborted();
      if (step.op === "write-manifest") {
        const all = [...blobs.values()];
        const published = await publishManifest(store, work, dst, source.imageBytes, all, { signal });
        if (published === "same") throw tagExists(dst);
      } else {
        const blob = blobs.get(step.sha);
        if (blob !== undefined) await requireBlobs(store, [blob]);
      }
    }
  });
  return { source: formatRef(src), tag: formatRef(dst), digests };
}

function viewOf(entry: TagEntry): ManifestView {
  const blobs = entry.kind === "tag" ? blobsOf(entry.image) : [];
  const tag = entry.ref === null ? "" : planName(entry.ref);
  return { tag, blob_shas: blobs.map(({ digest }) => hexOf(digest)) };
}

/** The contract's tags hold no slash; apr's own grammar has been checked before. */
function planName(ref: Ref): string {
  return formatRef(ref).replaceAll("/", "|");
}

function refusal(error: CopyError, src: Ref, dst: Ref): AprError {
  const tag = error.tag.replaceAll("|", "/");
  const details = { fields: { code: error.code, tag } };
  switch (error.code) {
    case "invalid-tag":
      return new AprError("usage", `invalid tag: ${tag}`, details);
    case "source-not-found":
      return notFound(src);
    case "destination-exists":
      return tagExists(dst);
    case "empty-manifest":
      return new AprError("malformed", `the manifest of ${tag} names no layer`, details);
  }
}

export function notFound(ref: Ref): AprError {
  const tag = formatRef(ref);
  return new AprError("not-found", `no such tag: ${tag}`, {
    hint: "apr ls shows what is there",
    fields: { code: "source-not-found", tag },
  });
}

function unreadable(entry: TagEntry & { kind: "unreadable" }): AprError {
  const what = entry.ref === null ? entry.path : formatRef(entry.ref);
  return new AprError("malformed", `the manifest of ${what} cannot be read: ${entry.why}`, {
    fields: { code: "unreadable-manifest", path: entry.path },
  });
}

/** A tag that must be there and readable. */
export async function requireTag(store: Store, ref: Ref): Promise<TagEntry & { kind: "tag" }> {
  const entry = await readTag(store, ref);
  if (entry === null) throw notFound(ref);
  if (entry.kind === "unreadable") throw unreadable(entry);
  return entry;
}
