import { AprError } from "../base/errors.ts";

const MAX_SEED: bigint = 2n ** 64n - 1n;
const NUMBER = /^(?:0x[0-9a-fA-F]{1,16}|[0-9]{1,20})$/;
/** More machines than anybody has. */
const MAX_SHARDS = 1_000_000;

/** Both ends belong to it. */
export interface SeedRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** One of `of` machines: every `of`-th seed, from the one at `index` on. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** 0 to 2^64−1, decimal or `0x…`. Throws AprError `usage`. */
export function parseSeed(text: string): bigint {
  const seed = NUMBER.test(text) ? BigInt(text) : MAX_SEED + 1n;
  if (seed <= MAX_SEED) return seed;
  throw new AprError("usage", `not a seed from 0 to 2^64-1: ${text.slice(0, 100)}`);
}

/** `A..B`, both included. Throws AprError `usage`. */
export function parseSeeds(text: string): SeedRange {
  const [first = "", last, ...rest] = text.split("..");
  if (last === undefined || rest.length > 0) {
    throw new AprError("usage", `not a range of seeds: ${text.slice(0, 100)}`, { hint: "such as 0..9999" });
  }
  const range = { from: parseSeed(first), to: parseSeed(last) };
  if (range.from <= range.to) return range;
  throw new AprError("usage", `a range of seeds that ends before it begins: ${text.slice(0, 100)}`);
}

/** `i/n`, from `0/n` to `n-1/n`. Throws AprError `usage`. */
export function parseShard(text: string): Shard {
  const [, first, last] = /^([0-9]{1,7})\/([0-9]{1,7})$/.exec(text) ?? [];
  const shard = { index: Number(first ?? Number.NaN), of: Number(last ?? Number.NaN) };
  if (shard.of >= 1 && shard.of <= MAX_SHARDS && shard.index < shard.of) return shard;
  throw new AprError("usage", `not a shard: ${text.slice(0, 100)}`, {
    hint: "such as 0/4: the first of four; the last one is 3/4",
  });
}

/** How many seeds of the range belong to the shard. */
export function seedCount({ from, to }: SeedRange, { index, of }: Shard): bigint {
  const all = to - from + 1n;
  return all <= BigInt(index) ? 0n : (all - BigInt(index) - 1n) / BigInt(of) + 1n;
}

/** The `nth` seed of the shard, from 0. */
export function seedAt({ from }: SeedRange, { index, of }: Shard, nth: bigint): bigint {
  return from + BigInt(index) + nth * BigInt(of);
}
