import { type Int, intOf } from "../base/ints.ts";

/** Names of the value types of GGUF, by their number in the file. Source: gguf.h, `enum gguf_type`. */
export const VALUE_TYPES = [
  "u8",
  "i8",
  "u16",
  "i16",
  "u32",
  "i32",
  "f32",
  "bool",
  "string",
  "array",
  "u64",
  "i64",
  "f64",
] as const;

export type ValueType = (typeof VALUE_TYPES)[number];
export type FixedType = Exclude<ValueType, "string" | "array">;

/** Bytes of the types whose size does not depend on the value. */
export const FIXED_BYTES: Readonly<Record<FixedType, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  bool: 1,
  u64: 8,
  i64: 8,
  f64: 8,
};

/** A string value. `text` is null for one that was too long to keep. */
export interface TextValue {
  readonly type: "string";
  readonly text: string | null;
  readonly sizeBytes: number;
  /** False when the bytes are not UTF-8, so that `text` shows them only roughly. */
  readonly exact: boolean;
}

/** An array value: how long it is, and its first items, all of them when `whole`. */
export interface ArrayValue {
  readonly type: "array";
  readonly element: ValueType;
  readonly length: number;
  readonly first: readonly Value[];
  readonly whole: boolean;
}

export type NumberValue =
  | { readonly type: "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64"; readonly value: Int }
  | { readonly type: "f32" | "f64"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean };

/** One metadata value, exactly as the file has it. 64-bit integers are bigints where a double would not do. */
export type Value = NumberValue | TextValue | ArrayValue;

/** Reads of one fixed-size value from anything that steps through bytes. */
export interface FixedReader {
  u8(): number;
  i8(): number;
  u16(): number;
  i16(): number;
  u32(): number;
  i32(): number;
  f32(): number;
  f64(): number;
  u64(): bigint;
  i64(): bigint;
}

/** Reads one value; a bool that is neither 0 nor 1 gives undefined. */
export function readFixed(reader: FixedReader, type: FixedType): NumberValue | undefined {
  switch (type) {
    case "bool": {
      const byte = reader.u8();
      return byte > 1 ? undefined : { type, value: byte === 1 };
    }
    case "u64":
    case "i64":
      return { type, value: intOf(reader[type]()) };
    case "f32":
    case "f64":
      return { type, value: reader[type]() };
    default:
      return { type, value: reader[type]() };
  }
}
