import type { Int } from "../../base/ints.ts";
import type { ModelFacts } from "../../model/facts.ts";

/** Types that engines keep keys and values in: values of one block, and its bytes. Source: ggml-common.h. */
const KV_TYPES = {
  f32: [1, 4],
  f16: [1, 2],
  bf16: [1, 2],
  q8_0: [32, 34],
  q5_1: [32, 24],
  q5_0: [32, 22],
  q4_1: [32, 20],
  q4_0: [32, 18],
  iq4_nl: [32, 18],
} as const satisfies Readonly<Record<string, readonly [values: number, bytes: number]>>;

export type KvType = keyof typeof KV_TYPES;

/** Every type that keys and values may be kept in, the largest first. */
export const KV_TYPE_NAMES = Object.keys(KV_TYPES) as readonly KvType[];

/** What keys and values are worked out from. */
export type KvFacts = Pick<
  ModelFacts,
  "block_count" | "head_count" | "head_count_kv" | "embedding_length" | "key_length" | "value_length"
>;

/** A sum over all blocks; or the facts that it lacks, by name. */
export type KvShape =
  | {
      readonly kind: "shape";
      readonly keyValues: number;
      readonly valueValues: number;
      readonly guesses: string[];
    }
  | { readonly kind: "unknown"; readonly missing: string[] };

/** Models have fewer blocks than this; a header may state anything. */
const MAX_BLOCKS = 65_536;

/** How many values of keys and of values the cache holds for one token, over all blocks. */
export function kvShape(facts: KvFacts): KvShape {
  const guesses: string[] = [];
  const blocks = Number(facts.block_count ?? 0);
  if (blocks < 1 || blocks > MAX_BLOCKS) return { kind: "unknown", missing: ["block_count"] };
  const stated = facts.head_count_kv ?? facts.head_count;
  if (stated === null) return { kind: "unknown", missing: ["head_count"] };
  if (facts.head_count_kv === null) {
    guesses.push("as many heads for keys and values as for attention: nothing states fewer");
  }
  const embedding = facts.embedding_length;
  const perHead = embedding === null ? null : headLength(embedding, facts.head_count);
  const keyLength = facts.key_length ?? perHead;
  const valueLength = facts.value_length ?? perHead;
  if (keyLength === null || valueLength === null) {
    return { kind: "unknown", missing: embedding === null ? ["embedding_length"] : ["head_count"] };
  }
  const heads = totalHeads(stated, blocks);
  return {
    kind: "shape",
    keyValues: heads * Number(keyLength),
    valueValues: heads * Number(valueLength),
    guesses,
  };
}

function headLength(embedding: Int, heads: KvFacts["head_count"]): number | null {
  const count = typeof heads === "object" ? Math.max(0, ...(heads ?? []).map(Number)) : Number(heads);
  return count > 0 ? Number(embedding) / count : null;
}

/** A list has one number a block: a shorter one goes on with its last number. */
function totalHeads(heads: Int | readonly Int[], blocks: number): number {
  if (typeof heads !== "object") return Number(heads) * blocks;
  let total = 0;
  for (let block = 0; block < blocks; block++) total += Number(heads[block] ?? heads.at(-1) ?? 0);
  return total;
}

/** Bytes of that many values in a type; a block that is begun counts whole. */
export function kvBytesOf(values: number, type: KvType): number {
  const [inBlock, blockBytes] = KV_TYPES[type];
  return Math.ceil(values / inBlock) * blockBytes;
}
