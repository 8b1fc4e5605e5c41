import { type Digest, digestOf } from "../store/digest.ts";
import { AprError } from "../base/errors.ts";
import { findBlob } from "../store/blobs.ts";
import { blobsOf, type Descriptor, parseManifest } from "../store/manifest.ts";
import { uniqueBlobs } from "../store/list.ts";
import { type ImageManifest, manifestDigest, type TagEntry } from "../store/tags.ts";
import type { Store } from "../store/store.ts";
import { keyOf, type PlannedBlob } from "./plan.ts";
import type { Resolved } from "./remote.ts";

/** What a pull brings: its blobs, and which of them the store has already. */
export interface Subject {
  readonly resolved: Resolved;
  /** Names the same content in a later run. */
  readonly identity: string;
  readonly missing: readonly PlannedBlob[];
  readonly knownBytes: number;
  readonly known: readonly Digest[];
  /** Null where nobody tells one of the sizes. */
  readonly totalBytes: number | null;
}

/** Blobs of an image: throws `malformed` for a manifest that names none. */
export function imageBlobs(bytes: Uint8Array): readonly Descriptor[] {
  const outcome = parseManifest(bytes);
  if (outcome.kind === "unreadable" || outcome.manifest.kind !== "image") {
    const why = outcome.kind === "unreadable" ? outcome.why : "a list of manifests";
    throw new AprError("malformed", `not an image manifest: ${why}`, { fields: { code: "bad-manifest" } });
  }
  const blobs = uniqueBlobs(outcome.manifest);
  refuseTwoSizes(outcome.manifest);
  if (blobs.length > 0) return blobs;
  throw new AprError("malformed", "the manifest names no blob", { fields: { code: "empty-manifest" } });
}

/** One of them is not true, and whoever reads the manifest later may believe the other one. */
function refuseTwoSizes(image: ImageManifest): void {
  const sizes = new Map<Digest, number>();
  for (const { digest, sizeBytes } of blobsOf(image)) {
    const before = sizes.get(digest) ?? sizeBytes;
    sizes.set(digest, sizeBytes);
    if (before === sizeBytes) continue;
    const words = `not an image manifest: two sizes for ${digest}: ${before} and ${sizeBytes} bytes`;
    throw new AprError("malformed", words, { fields: { code: "bad-manifest", digest } });
  }
}

export async function subjectOf(store: Store, resolved: Resolved): Promise<Subject> {
  const planned = resolved.kind === "image" ? imagePlan(resolved.bytes) : filePlan(store, resolved);
  const missing = new Map<string, PlannedBlob>();
  const known: Digest[] = [];
  let knownBytes = 0;
  for (const blob of planned) {
    const facts = blob.digest === null ? null : await findBlob(store, blob.digest);
    if (facts === null || (blob.sizeBytes !== null && facts.sizeBytes !== blob.sizeBytes)) {
      missing.set(blob.key, blob);
    } else if (blob.digest !== null) {
      known.push(blob.digest);
      knownBytes += facts.sizeBytes;
    }
  }
  const sizes = planned.map(({ sizeBytes }) => sizeBytes);
  const totalBytes = sizes.every((size) => size !== null) ? sizes.reduce((sum, size) => sum + size, 0) : null;
  return {
    resolved,
    identity: named(resolved),
    missing: [...missing.values()],
    knownBytes,
    known,
    totalBytes,
  };
}

/** True when the tag holds this very content, as far as its digests are known. */
export function holdsSubject(store: Store, entry: TagEntry & { kind: "tag" }, resolved: Resolved): boolean {
  if (resolved.kind === "image") return manifestDigest(store, entry.imageBytes) === resolved.expected;
  const { layers } = entry.image;
  return (
    layers.length === resolved.files.length &&
    resolved.files.every(({ digest }, index) => digest !== null && digest === layers[index]?.digest)
  );
}

export function sha256Of(store: Pick<Store, "world">, text: string): Digest {
  const hasher = store.world.hash.sha256();
  hasher.update(text);
  return digestOf(hasher.hex());
}

/** A file's key, also where its digest is not known. */
export function fileKey(store: Pick<Store, "world">, digest: Digest | null, identity: string): string {
  return keyOf(digest, sha256Of(store, identity).slice("sha256:".length));
}

function imagePlan(bytes: Uint8Array): readonly PlannedBlob[] {
  return imageBlobs(bytes).map(({ digest, sizeBytes, title, mediaType }) => {
    return { key: keyOf(digest, ""), digest, sizeBytes, title, mediaType };
  });
}

function filePlan(store: Store, { files }: Resolved & { kind: "files" }): readonly PlannedBlob[] {
  return files.map(({ digest, sizeBytes, title, mediaType, identity }) => {
    return { key: fileKey(store, digest, identity), digest, sizeBytes, title, mediaType };
  });
}

/** Names the same content in a later run. Throws `malformed` for a manifest that names no blob. */
export function identityOf(resolved: Resolved): string {
  if (resolved.kind === "image") imageBlobs(resolved.bytes);
  return named(resolved);
}

function named(resolved: Resolved): string {
  if (resolved.kind === "image") return resolved.expected;
  return resolved.files.map(({ title, digest, identity }) => `${title} ${digest ?? identity}`).join("\n");
}
