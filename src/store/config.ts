import { isJsonObject, type JsonObject, parseJson } from "../base/json.ts";
import type { Digest } from "./digest.ts";
import { hexOf } from "./digest.ts";
import { type Descriptor, MEDIA, TITLE, utf8 } from "./manifest.ts";

const encoder = new TextEncoder();

/** What a model's config blob says of it. Ollama's own words; null where it says nothing. */
export interface ModelSummary {
  /** `gguf`, `safetensors`. */
  readonly format: string | null;
  /** Architecture, such as `llama`. */
  readonly family: string | null;
  /** Parameters for people, such as `7.2B`. */
  readonly parameters: string | null;
  /** Quantization, such as `Q4_K_M`. */
  readonly quantization: string | null;
}

export const NO_SUMMARY: ModelSummary = { format: null, family: null, parameters: null, quantization: null };

/** Reads a config blob. Total: what cannot be read says nothing. */
export function readConfig(bytes: Uint8Array): ModelSummary {
  try {
    const root = parseJson(utf8(bytes));
    if (!isJsonObject(root)) return NO_SUMMARY;
    return {
      format: word(root, "model_format"),
      family: word(root, "model_family"),
      parameters: word(root, "model_type"),
      quantization: word(root, "file_type"),
    };
  } catch {
    return NO_SUMMARY;
  }
}

function word(root: JsonObject, key: string): string | null {
  const value = root[key];
  return typeof value === "string" && value !== "" ? value.slice(0, 200) : null;
}

/** The config blob of a new model, with the fields that Ollama reads. */
export function writeConfig(summary: ModelSummary, layers: readonly Digest[]): Uint8Array {
  const family = summary.family ?? "";
  const config = {
    model_format: summary.format ?? "",
    model_family: family,
    model_families: family === "" ? [] : [family],
    model_type: summary.parameters ?? "",
    file_type: summary.quantization ?? "",
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: layers.map((digest) => `sha256:${hexOf(digest)}`) },
  };
  return encoder.encode(JSON.stringify(config));
}

/** An OCI image manifest. The same blobs give the same bytes. */
export function writeManifest(config: Descriptor, layers: readonly Descriptor[]): Uint8Array {
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.ociManifest,
    config: entry(config),
    layers: layers.map(entry),
  };
  return encoder.encode(JSON.stringify(manifest));
}

function entry({ mediaType, digest, sizeBytes, title }: Descriptor): object {
  const named = title === null ? {} : { annotations: { [TITLE]: title } };
  return { mediaType, digest, size: sizeBytes, ...named };
}
