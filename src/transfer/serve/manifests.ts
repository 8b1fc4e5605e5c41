import { isJsonObject, parseJson } from "../../base/json.ts";
import type { Digest } from "../../store/digest.ts";
import { MEDIA, parseManifest, utf8 } from "../../store/manifest.ts";
import { readManifestBlob } from "../../store/read-manifest.ts";
import { manifestDigest, readTag } from "../../store/tags.ts";
import type { Incoming, Outgoing } from "../../world/net.ts";
import { answerEmpty, refuse } from "./answers.ts";
import { foreverHeaders, nameUnknown } from "./blobs.ts";
import type { Repository } from "./names.ts";
import { isKnown } from "./range.ts";
import type { Reference, ServedName } from "./route.ts";
import type { Serving } from "./serving.ts";

export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i;

/** A manifest, byte for byte as it lies in the store. */
export async function answerManifest(
  serving: Serving,
  name: ServedName,
  reference: Reference,
  headers: Incoming["headers"],
): Promise<Outgoing> {
  const pushed =
    reference.kind === "digest" && serving.hold.has(name.join("/"), reference.digest)
      ? await readByDigest(serving, reference.digest)
      : null;
  if (pushed !== null) return manifestAnswer(serving, reference, pushed, headers);
  const found = await serving.names.find(name);
  if (found.kind !== "found") return nameUnknown(found.kind);
  const bytes =
    reference.kind === "tag"
      ? await readByTag(serving, found.repository, reference.tag)
      : await readNamed(serving, found.repository, reference.digest);
  return bytes === null
    ? refuse(404, "MANIFEST_UNKNOWN", "no such manifest under this name, or it cannot be read")
    : manifestAnswer(serving, reference, bytes, headers);
}

function manifestAnswer(
  serving: Serving,
  reference: Reference,
  bytes: Uint8Array,
  headers: Incoming["headers"],
): Outgoing {
  const digest = manifestDigest(serving.store, bytes);
  const etag = `"${digest}"`;
  const common = {
    "content-type": mediaTypeOf(bytes),
    "docker-content-digest": digest,
    etag,
    // Tells other aprs that blobs have digests of their parts.
    "apr-parts": "1",
    ...(reference.kind === "digest" ? foreverHeaders(serving) : { "cache-control": "no-cache" }),
  };
  if (isKnown(headers["if-none-match"], etag)) return answerEmpty(304, common);
  return { status: 200, headers: common, body: { kind: "bytes", bytes } };
}

async function readByTag(
  { store }: Serving,
  repository: Repository,
  tag: string,
): Promise<Uint8Array | null> {
  const entry = await readTag(store, { ...repository, tag });
  return entry?.kind === "tag" ? entry.bytes : null;
}

/** A tag's own manifest, or one of its list. */
async function readNamed(
  serving: Serving,
  repository: Repository,
  digest: Digest,
): Promise<Uint8Array | null> {
  const tag = await serving.tags.tagOfManifest(repository, digest);
  if (tag === null) return null;
  const own = await readByTag(serving, repository, tag);
  if (own !== null && manifestDigest(serving.store, own) === digest) return own;
  return readByDigest(serving, digest);
}

/** A manifest that is a blob. Damaged bytes are no manifest of this digest. */
async function readByDigest({ store }: Serving, digest: Digest): Promise<Uint8Array | null> {
  const read = await readManifestBlob(store, digest);
  if (typeof read === "string" || read.kind !== "bytes") return null;
  if (manifestDigest(store, read.bytes) !== digest) return null;
  return parseManifest(read.bytes).kind === "manifest" ? read.bytes : null;
}

/** What the manifest says of itself. OCI lets it say nothing. */
function mediaTypeOf(bytes: Uint8Array): string {
  const root = parseJson(utf8(bytes));
  if (!isJsonObject(root)) return MEDIA.ociManifest;
  const said = root["mediaType"];
  if (typeof said === "string" && MEDIA_TYPE.test(said)) return said;
  return root["manifests"] === undefined ? MEDIA.ociManifest : OCI_INDEX;
}
