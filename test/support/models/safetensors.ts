export interface SafetensorsTensor {
  name: string;
  dtype: string;
  shape: readonly number[];
  sizeBytes: number;
}

/** Writes a safetensors file whose tensors follow each other in the order given. */
export function writeSafetensors(
  tensors: readonly SafetensorsTensor[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  let end = 0;
  const entries = tensors.map(({ name, dtype, shape, sizeBytes }) => {
    const begin = end;
    end += sizeBytes;
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const members = metadata === undefined ? entries : [["__metadata__", metadata] as const, ...entries];
  return writeRawSafetensors(JSON.stringify(Object.fromEntries(members)), end);
}

/** Writes a file with any header. `length` is what its first eight bytes say, the header's own unless given. */
export function writeRawSafetensors(
  header: string | Uint8Array,
  dataBytes: number,
  length?: bigint,
): Uint8Array {
  const json = typeof header === "string" ? Buffer.from(header, "utf8") : Buffer.from(header);
  // The reference writer pads to eight bytes with spaces.
  const padded = length === undefined ? Buffer.concat([json, Buffer.alloc(-json.length & 7, " ")]) : json;
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(padded.length));
  return new Uint8Array(Buffer.concat([size, padded, Buffer.alloc(dataBytes)]));
}
