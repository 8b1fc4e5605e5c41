import { type KvType, KV_TYPE_NAMES } from "./kv.ts";
import { DEFAULT_BATCH, type FitFacts, type FitOptions, predict, type Prediction } from "./predict.ts";

/** A change that alone makes a model fit, and what it then takes: on the GPU where layers are placed there. */
export type Change =
  | { readonly kind: "context"; readonly contextTokens: number; readonly bytes: number }
  | { readonly kind: "kv-type"; readonly kvType: KvType; readonly bytes: number }
  | {
      readonly kind: "quantization";
      readonly label: string;
      readonly bitsPerWeight: number;
      readonly bytes: number;
    }
  | { readonly kind: "gpu-layers"; readonly gpuLayers: number; readonly bytes: number }
  | { readonly kind: "batch"; readonly batch: number; readonly bytes: number };

/** Whether it fits, and each single change that would make it fit, in the order of what it costs in quality. */
export interface Fit {
  readonly prediction: Prediction;
  /** What is judged: the GPU's part where layers are placed there, else the whole. */
  readonly judgedBytes: number;
  /** Null where no memory is given, or the facts do not suffice. */
  readonly fits: boolean | null;
  readonly changes: readonly Change[];
  /** The longest context that fits, up to what the model was made for; null where none does or none is known. */
  readonly longestContext: number | null;
}

/**
 * Bits that one weight takes on average. Source: llama.cpp, the table of its quantize tool for Llama 2 7B; Q8_0 by its
 * definition, 34 bytes for 32 values. Other models differ by a few percent.
 */
const QUANTIZATIONS: readonly (readonly [label: string, bitsPerWeight: number])[] = [
  ["Q8_0", 8.5],
  ["Q6_K", 6.56],
  ["Q5_K_M", 5.68],
  ["Q4_K_M", 4.84],
  ["Q3_K_M", 3.91],
  ["Q2_K", 3.35],
];

/** Shorter contexts and smaller batches are no advice. */
const LEAST_CONTEXT = 256;
const LEAST_BATCH = 16;

/** Contexts are proposed in steps of this. */
const CONTEXT_STEP = 256;

/** Judges a prediction against `memoryBytes`, and looks for single changes that make it fit. Pure. */
export function fit(
  facts: FitFacts & { readonly parameters: number | bigint },
  options: FitOptions,
  memoryBytes: number | null,
): Fit {
  const prediction = predict(facts, options);
  const judge = (each: Prediction): number => judgedOf(each, options);
  const known = memoryBytes !== null && prediction.missing.length === 0;
  const judgedBytes = judge(prediction);
  if (!known) return { prediction, judgedBytes, fits: null, changes: [], longestContext: null };
  const bytesWith = (change: Partial<FitOptions>): number => judge(predict(facts, { ...options, ...change }));
  const longest = longestContext(
    options,
    Number(facts.context_length ?? options.contextTokens),
    (contextTokens) => bytesWith({ contextTokens }) <= memoryBytes,
  );
  const fits = judgedBytes <= memoryBytes;
  const changes = fits
    ? []
    : [
        ...batchChange(options, memoryBytes, bytesWith),
        ...kvChange(options, memoryBytes, bytesWith),
        ...layersChange(facts, options, memoryBytes, bytesWith),
        ...quantizationChange(facts, options, memoryBytes),
        ...(longest === null || longest >= options.contextTokens
          ? []
          : [
              {
                kind: "context" as const,
                contextTokens: longest,
                bytes: bytesWith({ contextTokens: longest }),
              },
            ]),
      ];
  return { prediction, judgedBytes, fits, changes, longestContext: longest };
}

function judgedOf({ gpuBytes, totalBytes }: Prediction, { gpuLayers }: FitOptions): number {
  return gpuLayers === undefined ? totalBytes : gpuBytes;
}

type BytesWith = (change: Partial<FitOptions>) => number;

/** Memory only grows with the context: halves until the last that fits is found. */
function longestContext(
  { contextTokens }: FitOptions,
  modelTokens: number,
  fits: (contextTokens: number) => boolean,
): number | null {
  let low = 0;
  let high = Math.ceil(Math.max(contextTokens, modelTokens) / CONTEXT_STEP);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle * CONTEXT_STEP)) low = middle;
    else high = middle - 1;
  }
  return low * CONTEXT_STEP < LEAST_CONTEXT ? null : low * CONTEXT_STEP;
}

function batchChange({ batch = DEFAULT_BATCH }: FitOptions, most: number, bytesWith: BytesWith): Change[] {
  for (let smaller = Math.floor(batch / 2); smaller >= LEAST_BATCH; smaller = Math.floor(smaller / 2)) {
    const bytes = bytesWith({ batch: smaller });
    if (bytes <= most) return [{ kind: "batch", batch: smaller, bytes }];
  }
  return [];
}

/** Smaller types, the largest of those that fit first. */
function kvChange({ kvType = "f16" }: FitOptions, most: number, bytesWith: BytesWith): Change[] {
  const now = bytesWith({});
  for (const smaller of KV_TYPE_NAMES.filter((type) => type !== kvType)) {
    const bytes = bytesWith({ kvType: smaller });
    if (bytes < now && bytes <= most) return [{ kind: "kv-type", kvType: smaller, bytes }];
  }
  return [];
}

function layersChange(
  facts: FitFacts,
  { gpuLayers }: FitOptions,
  most: number,
  bytesWith: BytesWith,
): Change[] {
  if (gpuLayers === undefined) return [];
  for (let fewer = Math.min(gpuLayers, Number(facts.block_count ?? 0)) - 1; fewer > 0; fewer--) {
    const bytes = bytesWith({ gpuLayers: fewer });
    if (bytes <= most) return [{ kind: "gpu-layers", gpuLayers: fewer, bytes }];
  }
  return [];
}

function quantizationChange(
  facts: FitFacts & { readonly parameters: number | bigint },
  options: FitOptions,
  most: number,
): Change[] {
  const now = Number(facts.tensor_bytes);
  for (const [label, bitsPerWeight] of QUANTIZATIONS) {
    const tensorBytes = Math.round((Number(facts.parameters) * bitsPerWeight) / 8);
    if (tensorBytes >= now) continue;
    const bytes = judgedOf(predict({ ...facts, tensor_bytes: tensorBytes }, options), options);
    if (bytes <= most) return [{ kind: "quantization", label, bitsPerWeight, bytes }];
  }
  return [];
}
