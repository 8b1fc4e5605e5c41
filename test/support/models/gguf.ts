import { ByteWriter } from "./bytes.ts";

/** A metadata value to be written. An array's items are of its `element` type, without their own type. */
export type GgufValue =
  | { type: "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64"; value: number | bigint }
  | { type: "f32" | "f64"; value: number }
  | { type: "bool"; value: boolean | number }
  | { type: "string"; value: string | Uint8Array }
  | { type: "array"; element: GgufValue["type"]; items: readonly GgufValue[]; count?: bigint };

export interface GgufTensor {
  name: string;
  shape: readonly (number | bigint)[];
  /** Number of the ggml type; 0 is F32. */
  type: number;
  sizeBytes: number;
  /** Instead of the next aligned one. */
  offset?: bigint;
}

/** A file to be written. What can be set can be set wrongly: that is what refused files are made of. */
export interface GgufSpec {
  magic?: string;
  version?: number;
  little?: boolean;
  metadata?: readonly (readonly [key: string, value: GgufValue])[];
  tensors?: readonly GgufTensor[];
  alignment?: number;
  keyCount?: bigint;
  tensorCount?: bigint;
}

const TYPE_IDS = [
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
];
const WIDTHS = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, u64: 8, i64: 8 } as const;
const DEFAULT_ALIGNMENT = 32;

/** Writes a GGUF file: header, padding and data. */
export function writeGguf(spec: GgufSpec): Uint8Array {
  const { version = 3, little = true, metadata = [], tensors = [], alignment = DEFAULT_ALIGNMENT } = spec;
  const writer = new ByteWriter(little);
  const count = (value: bigint): void => writer.integer(value, version === 1 ? 4 : 8);
  const text = (value: string | Uint8Array): void => {
    const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
    count(BigInt(bytes.length));
    writer.bytes(bytes);
  };
  writer.bytes(Buffer.from(spec.magic ?? "GGUF"));
  writer.integer(BigInt(version), 4);
  count(spec.tensorCount ?? BigInt(tensors.length));
  count(spec.keyCount ?? BigInt(metadata.length));
  for (const [key, value] of metadata) {
    text(key);
    writer.integer(BigInt(TYPE_IDS.indexOf(value.type)), 4);
    writeValue(writer, value, count, text);
  }
  const offsets = layOut(tensors, alignment);
  for (const [index, tensor] of tensors.entries()) {
    text(tensor.name);
    writer.integer(BigInt(tensor.shape.length), 4);
    for (const size of tensor.shape) count(BigInt(size));
    writer.integer(BigInt(tensor.type), 4);
    writer.integer(tensor.offset ?? BigInt(offsets.starts[index] as number), 8);
  }
  if (tensors.length > 0) {
    writer.padTo(alignment);
    writer.bytes(Buffer.alloc(offsets.end));
  }
  return writer.done();
}

function writeValue(
  writer: ByteWriter,
  value: GgufValue,
  count: (value: bigint) => void,
  text: (value: string | Uint8Array) => void,
): void {
  switch (value.type) {
    case "string":
      return text(value.value);
    case "bool":
      return writer.integer(BigInt(value.value), 1);
    case "f32":
      return writer.float(value.value, 4);
    case "f64":
      return writer.float(value.value, 8);
    case "array":
      writer.integer(BigInt(TYPE_IDS.indexOf(value.element)), 4);
      count(value.count ?? BigInt(value.items.length));
      for (const item of value.items) writeValue(writer, item, count, text);
      return;
    default:
      writer.integer(BigInt(value.value), WIDTHS[value.type]);
  }
}

/** One after the other, each aligned; the last one is not padded. */
function layOut(tensors: readonly GgufTensor[], alignment: number): { starts: number[]; end: number } {
  const starts: number[] = [];
  let end = 0;
  for (const { sizeBytes } of tensors) {
    const start = Math.ceil(end / alignment) * alignment;
    starts.push(start);
    end = start + sizeBytes;
  }
  return { starts, end };
}
