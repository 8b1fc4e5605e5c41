import type { Int } from "../base/ints.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { TensorTotals } from "./tensor.ts";

/** What a file or its `config.json` may state of a model. Null where it does not. */
export interface StatedFacts {
  /** As the format's tools spell it: `llama`, `qwen2`. */
  readonly architecture: string | null;
  readonly name: string | null;
  readonly licence: string | null;
  /** Tokens. */
  readonly context_length: Int | null;
  readonly embedding_length: Int | null;
  readonly block_count: Int | null;
  /** One number, or one a block where they differ. */
  readonly head_count: Int | readonly Int[] | null;
  readonly head_count_kv: Int | readonly Int[] | null;
  /** Values of one head's key; where nothing states it, the embedding divided by the heads. */
  readonly key_length: Int | null;
  readonly value_length: Int | null;
  readonly vocabulary_size: Int | null;
}

/** How the weights are stored, and who says so. */
export interface Quantization {
  /** Short name: `Q4_K_M`, `BF16`, `gptq-4bit`. */
  readonly label: string | null;
  /** Where the label is from: the file's own word, or else the type that most values have. */
  readonly from: "general.file_type" | "config.json" | "tensor-types" | null;
}

/** Something that is not wrong enough to refuse, and that a reader of the figures should know. */
export interface Note {
  readonly code:
    | "one-of-several-files"
    | "unknown-file-type"
    | "packed-weights"
    | "total-size-differs"
    | "unlisted-tensors"
    | "config-unreadable"
    | "text-not-utf8";
  readonly message: string;
}

/** One schema for every format. Sizes in bytes; integers exact, as bigints where a double would not do. */
export interface ModelFacts extends StatedFacts {
  readonly kind: "facts";
  readonly format: "gguf" | "safetensors";
  /** GGUF's; safetensors has none. */
  readonly format_version: number | null;
  readonly byte_order: "little" | "big";
  /** Values in all tensors, as stored. */
  readonly parameters: Int;
  readonly quantization: string | null;
  readonly quantization_from: Quantization["from"];
  /** `general.file_type` as the file has it. */
  readonly file_type: Int | null;
  /** The tensor type that holds the most values; null without tensors. */
  readonly majority_type: string | null;
  readonly tensor_types: readonly { type: string; tensors: number; parameters: Int; bytes: Int }[];
  readonly tensor_count: number;
  readonly tensor_bytes: Int;
  /** Everything before the tensors' data, of all files. */
  readonly header_bytes: Int;
  /** All files of the model that hold weights. */
  readonly size_bytes: Int;
  /** Names of the files that hold weights; empty where one file was read by itself. */
  readonly weight_files: readonly string[];
  /** The facts above that nothing states, by name. */
  readonly missing: readonly string[];
  readonly notes: readonly Note[];
}

export interface FactParts {
  readonly format: ModelFacts["format"];
  readonly formatVersion: number | null;
  readonly littleEndian: boolean;
  readonly totals: TensorTotals;
  readonly stated: StatedFacts;
  readonly quantization: Quantization;
  readonly fileType: Int | null;
  readonly headerBytes: Int;
  readonly sizeBytes: Int;
  readonly weightFiles: readonly string[];
  readonly notes: readonly Note[];
}

/** Facts that a model should state: what is null of these is missing. A format's version is not always there to state. */
const STATED: readonly (keyof StatedFacts)[] = [
  "architecture",
  "name",
  "licence",
  "context_length",
  "embedding_length",
  "block_count",
  "head_count",
  "head_count_kv",
  "vocabulary_size",
];

/** Puts the facts together; the majority type steps in where nothing states how the weights are stored. */
export function makeFacts(parts: FactParts): ModelFacts {
  const { totals, stated, fileType } = parts;
  const majority = totals.types[0]?.type ?? null;
  const { label, from } =
    parts.quantization.label !== null || majority === null
      ? parts.quantization
      : ({ label: majority, from: "tensor-types" } as const);
  const missing: string[] = STATED.filter((name) => stated[name] === null);
  if (parts.format === "gguf" && fileType === null) missing.push("file_type");
  return {
    kind: "facts",
    format: parts.format,
    format_version: parts.formatVersion,
    byte_order: parts.littleEndian ? "little" : "big",
    architecture: stated.architecture,
    name: stated.name,
    licence: stated.licence,
    parameters: totals.items,
    quantization: label,
    quantization_from: from,
    file_type: fileType,
    majority_type: majority,
    tensor_types: totals.types.map(({ items, ...total }) => ({ ...total, parameters: items })),
    tensor_count: totals.tensors,
    tensor_bytes: totals.bytes,
    header_bytes: parts.headerBytes,
    size_bytes: parts.sizeBytes,
    weight_files: parts.weightFiles,
    context_length: stated.context_length,
    embedding_length: stated.embedding_length,
    block_count: stated.block_count,
    head_count: stated.head_count,
    head_count_kv: stated.head_count_kv,
    key_length: stated.key_length,
    value_length: stated.value_length,
    vocabulary_size: stated.vocabulary_size,
    missing,
    notes: parts.notes,
  };
}

/** Facts as one JSON object: the same keys in the same order. */
export function factsJson(facts: ModelFacts): JsonObject {
  return { ...(facts as unknown as Record<string, Json>) };
}
