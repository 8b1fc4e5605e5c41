import type { Int } from "../base/ints.ts";
import { makeFacts, type ModelFacts, type Note, type Quantization } from "./facts.ts";
import { FILE_TYPES } from "./file-types.ts";
import type { GgufHeader } from "./gguf.ts";
import type { Value } from "./gguf-values.ts";
import { quoted } from "./refusal.ts";
import { Tally } from "./tensor.ts";

/** The facts of one GGUF file. Keys as in the format's document, "Standardized key-value pairs". */
export function ggufFacts(header: GgufHeader): ModelFacts {
  const { metadata } = header;
  const tally = new Tally();
  tally.add(header.tensors);
  const architecture = textOf(metadata.get("general.architecture"));
  const own = (key: string): Value | undefined => metadata.get(`${architecture}.${key}`);
  const fileType = countOf(metadata.get("general.file_type"));
  return makeFacts({
    format: "gguf",
    formatVersion: header.version,
    littleEndian: header.littleEndian,
    totals: tally.totals(),
    stated: {
      architecture,
      name: textOf(metadata.get("general.name")),
      licence: textOf(metadata.get("general.license")),
      context_length: countOf(own("context_length")),
      embedding_length: countOf(own("embedding_length")),
      block_count: countOf(own("block_count")),
      head_count: countsOf(own("attention.head_count")),
      head_count_kv: countsOf(own("attention.head_count_kv")),
      key_length: countOf(own("attention.key_length")),
      value_length: countOf(own("attention.value_length")),
      vocabulary_size: countOf(own("vocab_size")) ?? lengthOf(metadata.get("tokenizer.ggml.tokens")),
    },
    quantization: quantizationOf(fileType),
    fileType,
    headerBytes: header.headerBytes,
    sizeBytes: header.sizeBytes,
    weightFiles: [],
    notes: [...fileTypeNotes(fileType), ...splitNotes(metadata), ...textNotes(metadata)],
  });
}

function quantizationOf(fileType: Int | null): Quantization {
  const label = FILE_TYPES.get(Number(fileType ?? -1)) ?? null;
  return { label, from: label === null ? null : "general.file_type" };
}

function fileTypeNotes(fileType: Int | null): Note[] {
  if (fileType === null || FILE_TYPES.has(Number(fileType))) return [];
  return [{ code: "unknown-file-type", message: `general.file_type ${fileType} is not a known one` }];
}

function splitNotes(metadata: GgufHeader["metadata"]): Note[] {
  const count = countOf(metadata.get("split.count"));
  if (count === null || count <= 1) return [];
  const message = `this is one of ${count} files, and the figures are its own only`;
  return [{ code: "one-of-several-files", message }];
}

function textNotes(metadata: GgufHeader["metadata"]): Note[] {
  const keys = [...metadata].filter(([, value]) => value.type === "string" && !value.exact);
  return keys.map(([key]) => ({
    code: "text-not-utf8",
    message: `${quoted(key)} is not UTF-8 text, or too long to keep`,
  }));
}

/** Empty text states nothing. */
function textOf(value: Value | undefined): string | null {
  return value?.type === "string" && value.exact && value.text !== "" ? value.text : null;
}

function countOf(value: Value | undefined): Int | null {
  switch (value?.type) {
    case "u8":
    case "i8":
    case "u16":
    case "i16":
    case "u32":
    case "i32":
    case "u64":
    case "i64":
      return value.value >= 0 ? value.value : null;
    default:
      return null;
  }
}

/** A number, or one a block: then one where all are the same. */
function countsOf(value: Value | undefined): Int | readonly Int[] | null {
  if (value?.type !== "array") return countOf(value);
  const counts = value.first.map(countOf);
  const known = counts.filter((count) => count !== null);
  if (!value.whole || known.length < counts.length || known.length === 0) return null;
  const [first] = known;
  return first !== undefined && known.every((count) => count === first) ? first : known;
}

function lengthOf(value: Value | undefined): Int | null {
  return value?.type === "array" ? value.length : null;
}
