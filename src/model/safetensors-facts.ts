import type { Int } from "../base/ints.ts";
import type { JsonObject } from "../base/json.ts";
import { configFacts, configQuantization, preferFirst } from "./config-facts.ts";
import { makeFacts, type ModelFacts, type Note, type StatedFacts } from "./facts.ts";
import type { TensorTotals } from "./tensor.ts";

export interface SafetensorsParts {
  readonly totals: TensorTotals;
  readonly metadata: ReadonlyMap<string, string>;
  /** `config.json` beside the weights; null where there is none. */
  readonly config: JsonObject | null;
  readonly headerBytes: Int;
  readonly sizeBytes: Int;
  readonly weightFiles: readonly string[];
  readonly notes: readonly Note[];
}

/** The facts of safetensors files: what they say themselves comes before their `config.json`. */
export function safetensorsFacts(parts: SafetensorsParts): ModelFacts {
  const config = parts.config ?? {};
  const { packed, ...quantization } = configQuantization(config);
  const packedNote: Note = {
    code: "packed-weights",
    message: "several weights are packed into one stored value: the parameters counted are stored values",
  };
  return makeFacts({
    ...parts,
    format: "safetensors",
    formatVersion: null,
    littleEndian: true,
    stated: preferFirst(metadataFacts(parts.metadata), configFacts(config)),
    quantization,
    fileType: null,
    notes: packed ? [...parts.notes, packedNote] : parts.notes,
  });
}

/** `__metadata__` as the ModelSpec standard names it. */
function metadataFacts(metadata: ReadonlyMap<string, string>): StatedFacts {
  const text = (...keys: readonly string[]): string | null =>
    keys.map((key) => metadata.get(key)).find((value) => value !== undefined && value !== "") ?? null;
  return {
    architecture: text("modelspec.architecture"),
    name: text("modelspec.title"),
    licence: text("modelspec.license", "license"),
    context_length: null,
    embedding_length: null,
    block_count: null,
    head_count: null,
    head_count_kv: null,
    key_length: null,
    value_length: null,
    vocabulary_size: null,
  };
}
