import { AprError } from "../../base/errors.ts";
import { findBlob } from "../../store/blobs.ts";
import type { Digest } from "../../store/digest.ts";
import { ingestBytes } from "../../store/ingest.ts";
import { MAX_MANIFEST_BYTES } from "../../store/limits.ts";
import { type Descriptor, type Manifest, parseManifest } from "../../store/manifest.ts";
import { publishManifest } from "../../store/publish.ts";
import { readManifestBlob } from "../../store/read-manifest.ts";
import type { Ref } from "../../store/ref.ts";
import { manifestDigest, readTag } from "../../store/tags.ts";
import { withWork } from "../../store/work.ts";
import { type Incoming, NetError, type Outgoing } from "../../world/net.ts";
import { answerEmpty, refuse } from "./answers.ts";
import type { Reference, ServedName } from "./route.ts";
import type { Serving } from "./serving.ts";

/** Blobs of one manifest, those of a list's manifests too: a lease must be able to name them all. */
const MAX_NAMED_BLOBS = 14_000;

/** PUT of a manifest: under a tag it is published; by its digest it waits, as a blob, for a list that names it. */
export async function pushManifest(
  serving: Serving,
  name: ServedName,
  reference: Reference,
  incoming: Incoming,
): Promise<Outgoing> {
  const bytes = await readManifest(incoming);
  if (bytes === null) return refuse(413, "MANIFEST_INVALID", `more than ${MAX_MANIFEST_BYTES} bytes`);
  const digest = manifestDigest(serving.store, bytes);
  if (reference.kind === "digest" && reference.digest !== digest) {
    return refuse(400, "DIGEST_INVALID", "the manifest has another digest");
  }
  const outcome = parseManifest(bytes);
  if (outcome.kind === "unreadable") return refuse(400, "MANIFEST_INVALID", outcome.why);
  const blobs = await blobsUnder(serving, outcome.manifest);
  if (typeof blobs === "string") return refuse(400, "MANIFEST_INVALID", blobs);
  const missing = await firstMissing(serving, blobs);
  if (missing !== null) return blobUnknown(missing);
  const refusal =
    reference.kind === "tag"
      ? await publish(serving, name, reference.tag, bytes, blobs)
      : await keepByDigest(serving, name, digest, bytes, blobs);
  return refusal ?? created(name, digest);
}

async function readManifest(incoming: Incoming): Promise<Uint8Array | null> {
  try {
    return await incoming.readBody(MAX_MANIFEST_BYTES);
  } catch (error) {
    if (error instanceof NetError && error.failure === "too-large") return null;
    throw error;
  }
}

/** Everything that must be there; a list's manifests with their own blobs. A string says what is wrong. */
async function blobsUnder({ store }: Serving, manifest: Manifest): Promise<readonly Descriptor[] | string> {
  if (manifest.kind === "image") return ofImage(manifest);
  if (manifest.manifests.length === 0) return "its list of manifests is empty";
  const blobs = new Map<Digest, Descriptor>();
  for (const each of manifest.manifests) {
    blobs.set(each.digest, each);
    const read = await readManifestBlob(store, each.digest);
    if (typeof read === "string" || read.kind !== "bytes") continue;
    const inner = parseManifest(read.bytes);
    // A tag whose list holds anything else would be unreadable, and no collection would go on.
    if (inner.kind !== "manifest" || inner.manifest.kind !== "image")
      return `${each.digest} is no image manifest`;
    for (const blob of ofImage(inner.manifest)) blobs.set(blob.digest, blob);
  }
  return blobs.size > MAX_NAMED_BLOBS ? `it names more than ${MAX_NAMED_BLOBS} blobs` : [...blobs.values()];
}

function ofImage({ config, layers }: Manifest & { kind: "image" }): readonly Descriptor[] {
  return config === null ? layers : [config, ...layers];
}

async function firstMissing({ store }: Serving, blobs: readonly Descriptor[]): Promise<Digest | null> {
  for (const { digest, sizeBytes } of blobs) {
    if ((await findBlob(store, digest))?.sizeBytes !== sizeBytes) return digest;
  }
  return null;
}

/** Null when the tag is there now, with this very manifest. */
async function publish(
  serving: Serving,
  name: ServedName,
  tag: string,
  bytes: Uint8Array,
  blobs: readonly Descriptor[],
): Promise<Outgoing | null> {
  const repository = await serving.names.findOrMake(name);
  if (repository === null) {
    return refuse(409, "DENIED", "several hosts have this name: push to host/namespace/name");
  }
  const ref: Ref = { ...repository, tag };
  const digests = blobs.map(({ digest }) => digest);
  const { store, config } = serving;
  const there = await readTag(store, ref);
  const isSame = there?.kind === "tag" && Buffer.compare(there.bytes, bytes) === 0;
  if (there !== null && !isSame && !config.overwrite) return tagTaken();
  try {
    await withWork(store, async (work) => {
      await work.name(digests);
      if (isSame && there.form !== "classic") return;
      await publishManifest(store, work, ref, bytes, blobs, { replace: config.overwrite });
    });
  } catch (error) {
    if (!(error instanceof AprError)) throw error;
    if (error.kind === "exists") return tagTaken();
    if (error.fields["code"] === "blob-missing") return blobUnknown(String(error.fields["digest"]));
    throw error;
  }
  await serving.hold.settle(name.join("/"), digests);
  return null;
}

async function keepByDigest(
  serving: Serving,
  name: ServedName,
  digest: Digest,
  bytes: Uint8Array,
  blobs: readonly Descriptor[],
): Promise<Outgoing | null> {
  const { hold, store } = serving;
  if (hold.isFull) return refuse(429, "TOOMANYREQUESTS", "too many blobs wait for a manifest");
  // With what it names: that may be held by a tag only that goes away before the list comes.
  await hold.add(name.join("/"), [digest, ...blobs.map((blob) => blob.digest)]);
  await withWork(store, (work) => ingestBytes(store, work, bytes));
  const missing = await firstMissing(serving, blobs);
  return missing === null ? null : blobUnknown(missing);
}

function created(name: ServedName, digest: Digest): Outgoing {
  return answerEmpty(201, {
    location: `/v2/${name.join("/")}/manifests/${digest}`,
    "docker-content-digest": digest,
  });
}

function tagTaken(): Outgoing {
  return refuse(
    409,
    "DENIED",
    "the tag is there already with another manifest, and this server replaces none",
  );
}

function blobUnknown(digest: string): Outgoing {
  return refuse(400, "MANIFEST_BLOB_UNKNOWN", `not there, or of another size: ${digest}`);
}
