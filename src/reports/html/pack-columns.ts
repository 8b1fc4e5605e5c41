import { Buffer } from "node:buffer";
import type { Picture } from "./pictures.ts";

type Column = Float64Array | Uint32Array | Uint16Array | Int16Array;

/** A typed array as JSON can carry it: its type and its bytes, little endian. */
export interface PackedColumn {
  readonly column: "f64" | "u32" | "u16" | "i16";
  readonly base64: string;
}

/** The picture as plain JSON, with every typed array packed. The viewer's `unpack.ts` is its other half. */
export function packPicture(picture: Picture): unknown {
  return packed(picture);
}

function packed(value: unknown): unknown {
  if (isColumn(value)) return packColumn(value);
  if (Array.isArray(value)) return value.map(packed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, packed(each)]));
}

function packColumn(column: Column): PackedColumn {
  const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength);
  return { column: typeOf(column), base64: bytes.toString("base64") };
}

function isColumn(value: unknown): value is Column {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function typeOf(column: Column): PackedColumn["column"] {
  if (column instanceof Float64Array) return "f64";
  if (column instanceof Uint32Array) return "u32";
  return column instanceof Uint16Array ? "u16" : "i16";
}
