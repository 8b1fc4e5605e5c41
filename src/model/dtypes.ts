/** A value type of safetensors. */
export interface Dtype {
  readonly name: string;
  readonly bits: number;
}

/**
 * Bits of one value of each safetensors type; values of less than a byte are packed.
 * Source: the safetensors reference implementation, `Dtype::bitsize`.
 */
const BITS: readonly (readonly [name: string, bits: number])[] = [
  ["BOOL", 8],
  ["F4", 4],
  ["F6_E2M3", 6],
  ["F6_E3M2", 6],
  ["U8", 8],
  ["I8", 8],
  ["F8_E5M2", 8],
  ["F8_E4M3", 8],
  ["F8_E8M0", 8],
  ["F8_E4M3FNUZ", 8],
  ["F8_E5M2FNUZ", 8],
  ["I16", 16],
  ["U16", 16],
  ["F16", 16],
  ["BF16", 16],
  ["I32", 32],
  ["U32", 32],
  ["F32", 32],
  ["C64", 64],
  ["F64", 64],
  ["I64", 64],
  ["U64", 64],
];

/** Every known type by its name in the file. */
export const DTYPES: ReadonlyMap<string, Dtype> = new Map(BITS.map(([name, bits]) => [name, { name, bits }]));
