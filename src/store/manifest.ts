import { AprError } from "../base/errors.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject, parseJson } from "../base/json.ts";
import { type Digest, isDigest } from "./digest.ts";
import { MAX_LAYERS, MAX_LIST_MANIFESTS } from "./limits.ts";

export const MEDIA = {
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  ollamaList: "application/vnd.ollama.manifest.list.v2+json",
  /** What apr writes: skopeo inspects no OCI manifest with Docker's type. Ollama finds the config by its digest. */
  config: "application/vnd.oci.image.config.v1+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  model: "application/vnd.ollama.image.model",
  json: "application/vnd.ollama.image.json",
} as const;

/** The name that a layer had as a file. */
export const TITLE = "org.opencontainers.image.title";

// Made once: a store has thousands of manifests.
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Throws for what is not UTF-8. */
export function utf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** One blob that a manifest names. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** The file name that it was imported under; null when none is told. */
  readonly title: string | null;
}

/** A manifest as it was read. Its bytes are kept by the caller: nothing is ever written from this. */
export type Manifest =
  | { readonly kind: "image"; readonly config: Descriptor | null; readonly layers: readonly Descriptor[] }
  | { readonly kind: "list"; readonly manifests: readonly Descriptor[] };

export type ManifestOutcome =
  | { readonly kind: "manifest"; readonly manifest: Manifest }
  | { readonly kind: "unreadable"; readonly why: string };

/** Reads a Docker or OCI image manifest, or a list of them. Total: whatever is not one says why. */
export function parseManifest(bytes: Uint8Array): ManifestOutcome {
  try {
    return { kind: "manifest", manifest: readManifest(bytes) };
  } catch (error) {
    const why = error instanceof AprError ? error.message : "not UTF-8 text";
    return { kind: "unreadable", why };
  }
}

/** Blobs in manifest order: the config first. Empty when the manifest names no layer. */
export function blobsOf(manifest: Manifest & { kind: "image" }): readonly Descriptor[] {
  if (manifest.layers.length === 0) return [];
  return manifest.config === null ? manifest.layers : [manifest.config, ...manifest.layers];
}

/** Every digest that a manifest names, its config without layers included: what may not be deleted. */
export function namedBy(manifest: Manifest): readonly Digest[] {
  if (manifest.kind === "list") return manifest.manifests.map(({ digest }) => digest);
  const config = manifest.config === null ? [] : [manifest.config.digest];
  return [...config, ...manifest.layers.map(({ digest }) => digest)];
}

/** A manifest is read before it is published, and at once afterwards: the same text says the same. */
let last: { readonly text: string; readonly manifest: Manifest } | null = null;
/** A longer one is not worth being kept. */
const MAX_KEPT_CHARS = 16_384;

function readManifest(bytes: Uint8Array): Manifest {
  const text = utf8(bytes);
  if (last?.text === text) return last.manifest;
  const manifest = understand(text);
  if (text.length <= MAX_KEPT_CHARS) last = { text, manifest };
  return manifest;
}

function understand(text: string): Manifest {
  const root = parseJson(text);
  if (!isJsonObject(root)) throw malformed("not a JSON object");
  if (isJsonArray(root["manifests"])) {
    return { kind: "list", manifests: descriptors(root["manifests"], "manifests", MAX_LIST_MANIFESTS) };
  }
  if (root["schemaVersion"] !== 2) throw malformed("schemaVersion is not 2");
  // An artifact's manifest, an index or anything unknown may name blobs in ways that are not known here.
  const type = root["mediaType"] ?? MEDIA.ociManifest;
  if (type !== MEDIA.ociManifest && type !== MEDIA.dockerManifest) {
    throw malformed(`unknown mediaType ${JSON.stringify(type).slice(0, 100)}`);
  }
  const { config, layers } = root;
  if (layers !== null && !isJsonArray(layers)) throw malformed("layers is not an array");
  return {
    kind: "image",
    config: config === null || config === undefined ? null : readConfig(config),
    layers: descriptors(layers ?? [], "layers", MAX_LAYERS),
  };
}

/** Ollama writes an empty config for models without one. */
function readConfig(value: Json): Descriptor | null {
  if (isJsonObject(value) && value["digest"] === "" && value["size"] === 0) return null;
  return descriptor(value, "config");
}

function descriptors(list: readonly Json[], where: string, max: number): Descriptor[] {
  if (list.length > max) throw malformed(`${where} has more than ${max} entries`);
  return list.map((item, index) => descriptor(item, `${where}[${index}]`));
}

function descriptor(value: Json, where: string): Descriptor {
  if (!isJsonObject(value)) throw malformed(`${where} is not an object`);
  const { digest, size, mediaType } = value;
  if (!isDigest(digest)) throw malformed(`${where}.digest is not a sha256 digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw malformed(`${where}.size is not a size`);
  }
  return {
    mediaType: typeof mediaType === "string" ? mediaType : "",
    digest,
    sizeBytes: size,
    title: titleOf(value),
  };
}

/** OCI's annotation, or the name that Ollama gives the layers of a safetensors model. */
function titleOf(value: JsonObject): string | null {
  const { annotations, name } = value;
  const title = isJsonObject(annotations) ? annotations[TITLE] : undefined;
  if (typeof title === "string") return title;
  return typeof name === "string" ? name : null;
}

function malformed(message: string): AprError {
  return new AprError("malformed", message);
}
