import { Buffer } from "node:buffer";
import { printable } from "../printable.ts";
import type { PackedColumn, Picture } from "./pictures.ts";

type Column = Float64Array | Uint32Array | Uint16Array | Int16Array;

/** Beyond this many numbers the size of the page counts: they are packed more tightly. */
const LONG = 10_000;
/** More than a label can show. */
const MAX_LABEL_CHARS = 1000;

/** The picture as plain JSON, with every typed array packed. The viewer's `unpack.ts` is its other half. */
export function packPicture(picture: Picture): unknown {
  return packed(picture);
}

function packed(value: unknown): unknown {
  if (isColumn(value)) return packColumn(value);
  // What a picture writes is as untrusted as what stands in the page.
  if (typeof value === "string") return printable(value.slice(0, MAX_LABEL_CHARS));
  if (Array.isArray(value)) return value.map(packed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, packed(each)]));
}

function packColumn(column: Column): PackedColumn {
  if (!(column instanceof Float64Array)) return { column: typeOf(column), base64: base64Of(column) };
  if (column.length < LONG) return { column: "f64", base64: base64Of(column) };
  const { falls, largestStep, most, whole } = lookAt(column);
  const first = column[0] ?? 0;
  if (whole && !falls && largestStep < 2 ** 16) {
    return { column: "d16", base64: base64Of(steps(column, new Uint16Array(column.length))), first };
  }
  if (whole && !falls && largestStep < 2 ** 32) {
    return { column: "d32", base64: base64Of(steps(column, new Uint32Array(column.length))), first };
  }
  if (whole && first >= 0 && most < 2 ** 32)
    return { column: "u32", base64: base64Of(Uint32Array.from(column)) };
  return { column: "f32", base64: base64Of(Float32Array.from(column)) };
}

function lookAt(column: Float64Array) {
  let [falls, whole, largestStep, most] = [false, true, 0, 0];
  for (let at = 0; at < column.length; at++) {
    const value = column[at] ?? 0;
    const step = at === 0 ? 0 : value - (column[at - 1] ?? 0);
    if (step < 0) falls = true;
    if (step > largestStep) largestStep = step;
    if (value > most) most = value;
    if (value < 0 || !Number.isSafeInteger(value)) whole = false;
  }
  return { falls, whole, largestStep, most };
}

function steps<T extends Uint16Array | Uint32Array>(column: Float64Array, into: T): T {
  for (let at = 1; at < column.length; at++) into[at] = (column[at] ?? 0) - (column[at - 1] ?? 0);
  return into;
}

function base64Of(column: Column | Float32Array): string {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength).toString("base64");
}

function isColumn(value: unknown): value is Column {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function typeOf(column: Exclude<Column, Float64Array>): "u32" | "u16" | "i16" {
  if (column instanceof Uint32Array) return "u32";
  return column instanceof Uint16Array ? "u16" : "i16";
}
