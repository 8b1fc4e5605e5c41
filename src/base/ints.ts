import type { Json } from "./json-value.ts";

/** The largest unsigned 64-bit integer. */
export const U64_MAX = 2n ** 64n - 1n;

/** An exact integer: a safe number where it fits, a bigint otherwise. JavaScript compares the two exactly. */
export type Int = number | bigint;

/**
 * Reads an unsigned 64-bit integer as the seed contracts do: 0 for whatever is not one, which is
 * anything negative, fractional, written as a float, larger than 2^64-1, or no number at all.
 */
export function readU64(value: Json | undefined): Int {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) return value > 0 ? value : 0;
    return Number.isInteger(value) ? readU64(BigInt(value)) : 0;
  }
  return typeof value === "bigint" && value >= 0n && value <= U64_MAX ? value : 0;
}

/** True for an integer that was written as one. */
export function isIntegerValue(value: Json | undefined): value is Int {
  return typeof value === "number" ? Number.isInteger(value) : typeof value === "bigint";
}

/** True for an unsigned 64-bit integer that was written as one. */
export function isU64Value(value: Json | undefined): value is Int {
  return isIntegerValue(value) && value >= 0 && value <= U64_MAX;
}

/** True when both are the same integer, however they are held. */
export function sameInt(left: Int, right: Int): boolean {
  return !(left < right) && !(left > right);
}

/** A bigint as the lightest exact integer. */
export function intOf(value: bigint): Int {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}
