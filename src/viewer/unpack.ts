import type { PackedColumn } from "../reports/html/pictures.ts";

/** Plain JSON with its columns as typed arrays again. */
export function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked);
  if (typeof value !== "object" || value === null) return value;
  if (isPacked(value)) return unpackColumn(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unpacked(each)]));
}

function isPacked(value: object): value is PackedColumn {
  return "column" in value && "base64" in value && typeof value.base64 === "string";
}

function unpackColumn({ base64, column, first = 0 }: PackedColumn) {
  const { buffer } = bytesOf(base64);
  switch (column) {
    case "f64":
      return new Float64Array(buffer);
    case "f32":
      return Float64Array.from(new Float32Array(buffer));
    case "u32":
      return new Uint32Array(buffer);
    case "u16":
      return new Uint16Array(buffer);
    case "i16":
      return new Int16Array(buffer);
    case "d16":
      return summed(new Uint16Array(buffer), first);
    case "d32":
      return summed(new Uint32Array(buffer), first);
  }
}

function summed(steps: Uint16Array | Uint32Array, first: number): Float64Array {
  const column = new Float64Array(steps.length);
  let sum = first;
  for (let at = 0; at < steps.length; at++) {
    sum += steps[at] ?? 0;
    column[at] = sum;
  }
  return column;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
