import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { tinyGguf } from "../gguf.ts";

/** A blob as a manifest names it. */
export interface TestBlob {
  readonly bytes: Buffer;
  /** `sha256:<hex>`. */
  readonly digest: string;
  readonly hex: string;
}

/** A model as an OCI image of one layer, the way Ollama's layer types have it. */
export interface TestImage {
  readonly model: TestBlob;
  readonly config: TestBlob;
  readonly manifest: TestBlob;
  /** Of the model and its config. */
  readonly sizeBytes: number;
}

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const MODEL_TYPE = "application/vnd.ollama.image.model";

export function blobOf(bytes: Buffer): TestBlob {
  const hex = createHash("sha256").update(bytes).digest("hex");
  return { bytes, hex, digest: `sha256:${hex}` };
}

/** A sound GGUF with about that much data; the same seed gives the same bytes. */
export function modelOf(sizeBytes: number, seed = "apr"): TestBlob {
  return blobOf(tinyGguf(sizeBytes, seed));
}

export function imageOf(model: TestBlob): TestImage {
  const summary = { model_format: "gguf", model_family: "llama", architecture: "amd64", os: "linux" };
  const rootfs = { type: "layers", diff_ids: [model.digest] };
  const config = blobOf(Buffer.from(JSON.stringify({ ...summary, rootfs })));
  const entry = (mediaType: string, { digest, bytes }: TestBlob): object => ({
    mediaType,
    digest,
    size: bytes.length,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: entry(CONFIG_TYPE, config),
    layers: [entry(MODEL_TYPE, model)],
  };
  const sizeBytes = model.bytes.length + config.bytes.length;
  return { model, config, manifest: blobOf(Buffer.from(JSON.stringify(manifest))), sizeBytes };
}

/** Writes an image as an OCI layout, which skopeo copies to a registry. */
export function writeLayout(image: TestImage, folder: string, tag: string): void {
  writeLayoutFrame(image, folder, tag);
  writeFileSync(`${folder}/blobs/sha256/${image.model.hex}`, image.model.bytes);
}

/** All of a layout but the model itself, which may be too large for memory. */
export function writeLayoutFrame(
  image: Pick<TestImage, "config" | "manifest">,
  folder: string,
  tag: string,
): void {
  mkdirSync(`${folder}/blobs/sha256`, { recursive: true });
  for (const { hex, bytes } of [image.config, image.manifest]) {
    writeFileSync(`${folder}/blobs/sha256/${hex}`, bytes);
  }
  writeFileSync(`${folder}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
  const annotations = { "org.opencontainers.image.ref.name": tag };
  const { digest, bytes } = image.manifest;
  const entry = { mediaType: MANIFEST_TYPE, digest, size: bytes.length, annotations };
  writeFileSync(`${folder}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
}

/** What a registry answers for an image, by path: for the faulty server. */
export function imagePaths(image: TestImage, name: string, tag: string): Record<string, ServedBytes> {
  const manifest = { bytes: image.manifest.bytes, type: MANIFEST_TYPE, digest: image.manifest.digest };
  const blob = ({ bytes, digest }: TestBlob): ServedBytes => ({ bytes, digest });
  return {
    [`/v2/${name}/manifests/${tag}`]: manifest,
    [`/v2/${name}/manifests/${image.manifest.digest}`]: manifest,
    [`/v2/${name}/blobs/${image.model.digest}`]: blob(image.model),
    [`/v2/${name}/blobs/${image.config.digest}`]: blob(image.config),
  };
}

/** One path of a server. */
export interface ServedBytes {
  readonly bytes: Buffer;
  readonly type?: string;
  readonly digest?: string;
}
