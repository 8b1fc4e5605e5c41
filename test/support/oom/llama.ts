import type { FitFacts } from "../../../src/oom/fit/predict.ts";

/** The figures that Llama 3.1 8B's file states, in Q4_K_M. */
export const LLAMA: FitFacts = {
  tensor_bytes: 4_912_898_304,
  vocabulary_size: 128_256,
  context_length: 131_072,
  block_count: 32,
  head_count: 32,
  head_count_kv: 8,
  embedding_length: 4096,
  key_length: null,
  value_length: null,
};
