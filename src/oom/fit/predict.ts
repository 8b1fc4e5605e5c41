import type { ModelFacts } from "../../model/facts.ts";
import { type KvFacts, type KvType, kvBytesOf, kvShape } from "./kv.ts";

const MIB = 1024 * 1024;

/** Tokens that an engine works on at once, unless told otherwise. Source: llama.cpp, `n_ubatch`. */
export const DEFAULT_BATCH = 512;

/** Program, libraries and allocator of an engine without a GPU. An assumption: figures of engines differ. */
const RUNTIME_BYTES = 64 * MIB;

/** What a CUDA context and its libraries take besides. An assumption: it differs by driver and card. */
const GPU_RUNTIME_BYTES = 400 * MIB;

/** Activations alive at once, in embeddings of one token: residual, norm, query, output and the wide inner layer. */
const LIVE_EMBEDDINGS = 12;

/** What a prediction is made from; a model's facts have it all. */
export type FitFacts = KvFacts & Pick<ModelFacts, "tensor_bytes" | "vocabulary_size" | "context_length">;

export interface FitOptions {
  /** Tokens of context to hold. */
  readonly contextTokens: number;
  /** Blocks whose weights and cache lie on the GPU; without it everything counts as one memory. */
  readonly gpuLayers?: number | undefined;
  /** Tokens worked on at once; `DEFAULT_BATCH` unless given. */
  readonly batch?: number | undefined;
  /** `f16` unless given. */
  readonly kvType?: KvType | undefined;
}

/** All in bytes. `totalBytes` is a lower bound when `missing` is not empty. */
export interface Prediction {
  readonly weightsBytes: number;
  readonly kvBytes: number;
  readonly overheadBytes: number;
  readonly totalBytes: number;
  /** The part of the total on the GPU; 0 without `gpuLayers`. */
  readonly gpuBytes: number;
  /** Facts that are needed and that the model does not state, by name. */
  readonly missing: readonly string[];
  /** What was taken for granted, one sentence each. */
  readonly assumptions: readonly string[];
}

/** Predicts what a model takes in memory at its peak. Pure: nothing is looked at but the facts. */
export function predict(facts: FitFacts, options: FitOptions): Prediction {
  const { contextTokens, gpuLayers, batch = DEFAULT_BATCH, kvType = "f16" } = options;
  const shape = kvShape(facts);
  const weightsBytes = Number(facts.tensor_bytes);
  const kvBytes =
    shape.kind === "unknown"
      ? 0
      : kvBytesOf(shape.keyValues * contextTokens, kvType) +
        kvBytesOf(shape.valueValues * contextTokens, kvType);
  const buffersBytes = bufferBytes(facts, contextTokens, batch);
  const onGpu = gpuLayers !== undefined && gpuLayers > 0;
  const overheadBytes = buffersBytes + RUNTIME_BYTES + (onGpu ? GPU_RUNTIME_BYTES : 0);
  const share = gpuShare(facts, gpuLayers);
  return {
    weightsBytes,
    kvBytes,
    overheadBytes,
    totalBytes: weightsBytes + kvBytes + overheadBytes,
    gpuBytes: onGpu ? Math.round((weightsBytes + kvBytes) * share) + buffersBytes + GPU_RUNTIME_BYTES : 0,
    missing: shape.kind === "unknown" ? shape.missing : [],
    assumptions: assumptionsOf(facts, options, shape.kind === "unknown" ? [] : shape.guesses),
  };
}

/** The graph's buffers: one output row and a few activations for each token of a batch, and the attention's mask. */
function bufferBytes(facts: FitFacts, contextTokens: number, batch: number): number {
  const tokens = Math.min(batch, contextTokens);
  const vocabulary = Number(facts.vocabulary_size ?? 0);
  const embedding = Number(facts.embedding_length ?? 0);
  const F32 = 4;
  return tokens * F32 * (vocabulary + LIVE_EMBEDDINGS * embedding + contextTokens);
}

/** How much of weights and cache lies on the GPU, from 0 to 1. */
function gpuShare(facts: FitFacts, gpuLayers: number | undefined): number {
  const blocks = Number(facts.block_count ?? 0);
  if (gpuLayers === undefined || blocks === 0) return gpuLayers === undefined ? 0 : 1;
  return Math.min(1, gpuLayers / blocks);
}

function assumptionsOf(facts: FitFacts, options: FitOptions, guesses: readonly string[]): string[] {
  const { contextTokens, gpuLayers, batch = DEFAULT_BATCH, kvType = "f16" } = options;
  const longest = facts.context_length;
  return [
    "all weights are held at once, as stored in the file",
    `keys and values of all ${contextTokens} tokens are kept in ${kvType}, in every block`,
    ...guesses,
    `${batch} tokens are worked on at once, with an attention that does not store its scores`,
    ...(facts.vocabulary_size === null
      ? ["the output rows are not counted: no vocabulary size is stated"]
      : []),
    `${RUNTIME_BYTES / MIB} MiB for the engine itself`,
    ...(gpuLayers === undefined || gpuLayers === 0
      ? []
      : [`blocks are of equal size; ${GPU_RUNTIME_BYTES / MIB} MiB for the GPU's runtime`]),
    ...(longest !== null && contextTokens > Number(longest)
      ? [`the model was made for ${longest} tokens; ${contextTokens} are asked for`]
      : []),
  ];
}
