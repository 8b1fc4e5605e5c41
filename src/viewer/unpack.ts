/** A column as the page carries it; see reports/html/pack-columns.ts. */
interface PackedColumn {
  readonly column: "f64" | "u32" | "u16" | "i16";
  readonly base64: string;
}

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

function unpackColumn({
  base64,
  column,
}: PackedColumn): Float64Array | Uint32Array | Uint16Array | Int16Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  switch (column) {
    case "f64":
      return new Float64Array(bytes.buffer);
    case "u32":
      return new Uint32Array(bytes.buffer);
    case "u16":
      return new Uint16Array(bytes.buffer);
    case "i16":
      return new Int16Array(bytes.buffer);
  }
}
