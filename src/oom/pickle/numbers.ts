import { Buffer } from "node:buffer";
import { type Int, intOf } from "../../base/ints.ts";

/** A signed little-endian integer of 4 bytes. */
export function int32(bytes: Uint8Array, at: number): number {
  return uint32(bytes, at) | 0;
}

/** An unsigned little-endian integer of 4 bytes. */
export function uint32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  return low + (bytes[at + 3] as number) * 0x1000000;
}

/** An unsigned little-endian integer of 8 bytes as a number: inexact beyond 2^53, where every size is refused anyway. */
export function uint64(bytes: Uint8Array, at: number): number {
  return uint32(bytes, at) + uint32(bytes, at + 4) * 0x100000000;
}

/** A big-endian double. */
export function float64(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(at);
}

/** A little-endian two's complement integer of any length, exactly. */
export function longOf(bytes: Uint8Array, at: number, length: number): Int {
  // Addresses and times have 5 to 7 bytes: no bigint is made for them.
  if (length <= 7 && length > 0 && (bytes[at + length - 1] as number) < 0x80) {
    let value = 0;
    for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] as number);
    if (value <= Number.MAX_SAFE_INTEGER) return value;
  }
  if (length === 0) return 0;
  const big = Buffer.from(bytes.subarray(at, at + length)).reverse();
  return intOf(BigInt.asIntN(length * 8, BigInt(`0x${big.toString("hex")}`)));
}
