import { type Int, isIntegerValue } from "../base/ints.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { Quantization, StatedFacts } from "./facts.ts";

/**
 * Names that `config.json` has for the same fact, the usual one first. Source: transformers, the
 * `attribute_map`s of its configurations.
 */
const NAMES = {
  context_length: ["max_position_embeddings", "n_positions", "n_ctx", "max_seq_len"],
  embedding_length: ["hidden_size", "n_embd", "d_model"],
  block_count: ["num_hidden_layers", "n_layer", "num_layers"],
  head_count: ["num_attention_heads", "n_head", "num_heads"],
  head_count_kv: ["num_key_value_heads"],
  key_length: ["head_dim"],
  value_length: ["head_dim"],
  vocabulary_size: ["vocab_size"],
} as const;

/** Models that see or hear keep the facts of their language model one level down. */
const INNER = ["text_config", "llm_config", "language_config"];

/** Methods that pack several weights into one stored value, so that stored values are fewer than weights. */
const PACKING = new Set(["gptq", "awq", "bitsandbytes", "mxfp4", "compressed-tensors", "hqq", "aqlm", "mlx"]);

/** What a `config.json` states. */
export function configFacts(config: JsonObject): StatedFacts {
  const levels = [config, ...INNER.map((key) => config[key]).filter(isJsonObject)];
  const count = (fact: keyof typeof NAMES): Int | null => firstCount(levels, NAMES[fact]);
  return {
    architecture: textOf(config["model_type"]) ?? firstText(config["architectures"]),
    name: null,
    licence: null,
    context_length: count("context_length"),
    embedding_length: count("embedding_length"),
    block_count: count("block_count"),
    head_count: count("head_count"),
    head_count_kv: count("head_count_kv"),
    key_length: count("key_length"),
    value_length: count("value_length"),
    vocabulary_size: count("vocabulary_size"),
  };
}

/** How a `config.json` says that the weights are quantized: method and bits. */
export function configQuantization(config: JsonObject): Quantization & { readonly packed: boolean } {
  const said = config["quantization_config"];
  const method = isJsonObject(said) ? textOf(said["quant_method"]) : null;
  if (!isJsonObject(said) || method === null) return { label: null, from: null, packed: false };
  const bits = isIntegerValue(said["bits"]) ? `-${said["bits"]}bit` : "";
  return { label: `${method}${bits}`, from: "config.json", packed: PACKING.has(method) };
}

/** The facts of the first that states them. */
export function preferFirst(first: StatedFacts, second: StatedFacts): StatedFacts {
  return {
    architecture: first.architecture ?? second.architecture,
    name: first.name ?? second.name,
    licence: first.licence ?? second.licence,
    context_length: first.context_length ?? second.context_length,
    embedding_length: first.embedding_length ?? second.embedding_length,
    block_count: first.block_count ?? second.block_count,
    head_count: first.head_count ?? second.head_count,
    head_count_kv: first.head_count_kv ?? second.head_count_kv,
    key_length: first.key_length ?? second.key_length,
    value_length: first.value_length ?? second.value_length,
    vocabulary_size: first.vocabulary_size ?? second.vocabulary_size,
  };
}

function firstCount(levels: readonly JsonObject[], names: readonly string[]): Int | null {
  for (const level of levels) {
    for (const name of names) {
      const value = level[name];
      if (isIntegerValue(value) && value >= 0) return value;
    }
  }
  return null;
}

function textOf(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function firstText(value: Json | undefined): string | null {
  return isJsonArray(value) ? textOf(value[0]) : null;
}
