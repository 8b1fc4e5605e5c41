import { DTYPES } from "../../../src/model/dtypes.ts";
import { GGML_TYPES } from "../../../src/model/ggml-types.ts";
import type { GgufSpec, GgufTensor, GgufValue } from "./gguf.ts";
import type { SeededRandom } from "./random.ts";
import type { SafetensorsTensor } from "./safetensors.ts";

const FIXED = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64", "bool"] as const;
const WORDS = ["", "llama", "tok\u00e9n", "\ufeffmark", "日本語", "a\nb", "🙂", "x".repeat(40)];

/** A small valid GGUF file: every version, byte order, value type and tensor type comes up over the seeds. */
export function makeGguf(random: SeededRandom): GgufSpec {
  const alignment = random.pick([8, 32, 64, 256]);
  const extra = Array.from(
    { length: random.below(8) },
    (_, index) => [`test.key_${index}`, makeValue(random, 0)] as const,
  );
  return {
    version: random.pick([1, 2, 3]),
    little: !random.chance(3),
    alignment,
    metadata: [
      ...(alignment === 32 && random.chance(2)
        ? []
        : [["general.alignment", { type: "u32", value: alignment }] as const]),
      ["general.architecture", { type: "string", value: "llama" }],
      ["general.file_type", { type: "u32", value: random.below(42) }],
      ["llama.context_length", { type: "u32", value: 2048 }],
      ["tokenizer.ggml.tokens", stringArray(random, random.below(30))],
      ...extra,
    ],
    tensors: Array.from({ length: random.below(6) }, (_, index) => makeTensor(random, index)),
  };
}

function makeTensor(random: SeededRandom, index: number): GgufTensor {
  const [type, { blockItems, blockBytes }] = random.pick([...GGML_TYPES]);
  const blocks = 1 + random.below(3);
  const rest = Array.from({ length: random.below(4) }, () => 1 + random.below(3));
  const sizeBytes = rest.reduce((product, size) => product * size, blocks * blockBytes);
  return {
    name: `blk.${index}.${random.pick(WORDS)}`,
    type,
    shape: [blocks * blockItems, ...rest],
    sizeBytes,
  };
}

function makeValue(random: SeededRandom, depth: number): GgufValue {
  if (random.chance(4)) return { type: "string", value: random.pick(WORDS) };
  if (depth < 3 && random.chance(4)) {
    const element = random.pick([...FIXED, "string", "array"] as const);
    const length = random.below(5);
    const items = Array.from({ length }, () => valueOf(random, element, depth + 1));
    return { type: "array", element, items };
  }
  return valueOf(random, random.pick(FIXED), depth);
}

function valueOf(random: SeededRandom, type: GgufValue["type"], depth: number): GgufValue {
  switch (type) {
    case "string":
      return { type, value: random.pick(WORDS) };
    case "bool":
      return { type, value: random.chance(2) };
    case "array":
      return depth < 3
        ? { type, element: "array", items: [stringArray(random, random.below(3))] }
        : stringArray(random, 2);
    case "f32":
    case "f64":
      return { type, value: random.pick([0, -1.5, 0.25, 1e30, Number.POSITIVE_INFINITY]) };
    case "i8":
    case "i16":
    case "i32":
    case "i64":
      return {
        type,
        value: type === "i64" ? random.pick([-(2n ** 63n), 2n ** 62n + 1n]) : -random.below(128),
      };
    default:
      return {
        type,
        value: type === "u64" ? random.pick([2n ** 64n - 1n, 7n, 2n ** 53n + 1n]) : random.below(256),
      };
  }
}

function stringArray(random: SeededRandom, length: number): GgufValue {
  const items = Array.from({ length }, () => ({ type: "string", value: random.pick(WORDS) }) as const);
  return { type: "array", element: "string", items };
}

/** Tensors of a small valid safetensors file, empty ones and scalars included. */
export function makeSafetensors(random: SeededRandom): SafetensorsTensor[] {
  return Array.from({ length: random.below(6) }, (_, index) => {
    const { name: dtype, bits } = random.pick([...DTYPES.values()]);
    // A multiple of four fills whole bytes with any type.
    const shape = random.chance(6)
      ? [0, 3]
      : [4, ...Array.from({ length: random.below(3) }, () => 1 + random.below(4))];
    const items = shape.reduce((product, size) => product * size, 1);
    return { name: `layers.${index}.${random.pick(WORDS)}`, dtype, shape, sizeBytes: (items * bits) / 8 };
  });
}
