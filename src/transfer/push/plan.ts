import { AprError } from "../../base/errors.ts";
import { isJsonObject, parseJson } from "../../base/json.ts";
import type { Digest } from "../../store/digest.ts";
import { type Descriptor, MEDIA, parseManifest, utf8 } from "../../store/manifest.ts";
import { readManifestBlob } from "../../store/read-manifest.ts";
import type { Store } from "../../store/store.ts";
import { type ImageManifest, manifestDigest, type TagEntry } from "../../store/tags.ts";

/** A manifest, sent byte for byte. */
export interface PlannedManifest {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly mediaType: string;
}

/** All that a push is about, known before anything is sent. */
export interface PushPlan {
  /** Manifests of a list, which go first, by their digests. */
  readonly inner: readonly PlannedManifest[];
  /** The tag's own. */
  readonly top: PlannedManifest;
  /** Each blob once, in manifest order. */
  readonly blobs: readonly Descriptor[];
  /** Everything that must lie in the store as a blob, with its size. */
  readonly required: readonly Descriptor[];
  readonly sizeBytes: number;
}

const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+/-]{0,126}$/;

/** Reads what a tag names. Throws `malformed` for a manifest that cannot be sent. */
export async function planPush(store: Store, entry: TagEntry & { readonly kind: "tag" }): Promise<PushPlan> {
  const outcome = parseManifest(entry.bytes);
  if (outcome.kind === "unreadable") throw unreadable(outcome.why);
  const listed = outcome.manifest.kind === "list" ? outcome.manifest.manifests : [];
  const images: ImageManifest[] = outcome.manifest.kind === "list" ? [] : [outcome.manifest];
  const inner: PlannedManifest[] = [];
  for (const { digest } of listed) {
    const read = await readManifestBlob(store, digest);
    const parsed = typeof read === "string" || read.kind !== "bytes" ? null : parseManifest(read.bytes);
    if (typeof read === "string" || read.kind !== "bytes" || parsed?.kind !== "manifest") {
      throw unreadable(`${digest}, a manifest of its list`);
    }
    if (parsed.manifest.kind === "list") throw unreadable(`${digest} is a list in a list`);
    const planned = plannedManifest(store, read.bytes, MEDIA.ociManifest);
    if (planned.digest !== digest) throw damaged(digest, planned.digest);
    inner.push(planned);
    images.push(parsed.manifest);
  }
  const named = images.flatMap(blobsToSend);
  const blobs = [...new Map(named.map((blob) => [blob.digest, blob])).values()];
  return {
    inner,
    top: plannedManifest(store, entry.bytes, listed.length > 0 ? OCI_INDEX : MEDIA.ociManifest),
    blobs,
    required: [...listed, ...named],
    sizeBytes: blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

/** The config too where there is no layer: a registry wants everything that a manifest names. */
function blobsToSend({ config, layers }: ImageManifest): readonly Descriptor[] {
  return config === null ? layers : [config, ...layers];
}

function plannedManifest(store: Store, bytes: Uint8Array, otherwise: string): PlannedManifest {
  const root = parseJson(utf8(bytes));
  const told = isJsonObject(root) ? root["mediaType"] : undefined;
  const mediaType = typeof told === "string" ? told : otherwise;
  if (!MEDIA_TYPE.test(mediaType)) throw unreadable("its mediaType is none");
  return { bytes, digest: manifestDigest(store, bytes), mediaType };
}

function unreadable(why: string): AprError {
  return new AprError("malformed", `the manifest cannot be pushed: ${why}`, {
    hint: "apr verify says what is wrong in the store",
    fields: { code: "unreadable-manifest" },
  });
}

function damaged(digest: Digest, actual: Digest): AprError {
  return new AprError("malformed", `a blob of the store is damaged: ${digest}`, {
    hint: "apr verify says which tags need it, and repairs it from a good copy",
    fields: { code: "damaged-blob", digest, actual },
  });
}
