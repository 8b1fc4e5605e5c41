import { type Int, intOf } from "../base/ints.ts";

/** One tensor of a file. */
export interface Tensor {
  readonly name: string;
  /** As the format spells it: `Q4_K`, `BF16`. */
  readonly type: string;
  /** As the format orders it: GGUF has the fastest-moving dimension first, safetensors last. */
  readonly shape: readonly Int[];
  /** Values that it holds: the product of its shape. */
  readonly items: Int;
  /** Where its data begins, from the start of the file, in bytes. */
  readonly offset: number;
  readonly sizeBytes: number;
}

/** What tensors of one type add up to. */
export interface TypeTotal {
  readonly type: string;
  readonly tensors: number;
  readonly items: Int;
  readonly bytes: Int;
}

/** Sums over all tensors of a model. */
export interface TensorTotals {
  readonly tensors: number;
  readonly items: Int;
  readonly bytes: Int;
  /** The type with the most values comes first. */
  readonly types: readonly TypeTotal[];
}

/** Adds up tensors file by file, exactly. */
export class Tally {
  private readonly types = new Map<string, { tensors: number; items: bigint; bytes: bigint }>();

  add(tensors: readonly Tensor[]): void {
    for (const { type, items, sizeBytes } of tensors) {
      const sum = this.types.get(type) ?? { tensors: 0, items: 0n, bytes: 0n };
      sum.tensors += 1;
      sum.items += BigInt(items);
      sum.bytes += BigInt(sizeBytes);
      this.types.set(type, sum);
    }
  }

  totals(): TensorTotals {
    const sums = [...this.types].map(([type, sum]) => ({ type, ...sum }));
    sums.sort((a, b) => compare(b.items, a.items) || (a.type < b.type ? -1 : 1));
    return {
      tensors: sums.reduce((total, sum) => total + sum.tensors, 0),
      items: intOf(sums.reduce((total, sum) => total + sum.items, 0n)),
      bytes: intOf(sums.reduce((total, sum) => total + sum.bytes, 0n)),
      types: sums.map(({ type, tensors, items, bytes }) => ({
        type,
        tensors,
        items: intOf(items),
        bytes: intOf(bytes),
      })),
    };
  }
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
