import { intOf } from "../base/ints.ts";
import { GGML_TYPES } from "./ggml-types.ts";
import type { GgufReader } from "./gguf-reader.ts";
import { MAX_GGUF_DIMENSIONS, MAX_TENSOR_NAME_BYTES } from "./limits.ts";
import { quoted, refuse } from "./refusal.ts";
import type { Tensor } from "./tensor.ts";

/** ggml counts items in a signed 64-bit integer. */
const MAX_ITEMS = 2n ** 63n - 1n;

/** A tensor as its entry says: its offset is still relative to the data, which begins after the last entry. */
export interface TensorEntry extends Tensor {
  offset: number;
}

/** Reads one tensor's entry and works out its size. */
export async function readTensorEntry(reader: GgufReader): Promise<TensorEntry> {
  const { cursor } = reader;
  const offset = cursor.position;
  const name = await reader.name("a tensor's name", MAX_TENSOR_NAME_BYTES);
  const place = { tensor: name, offset };
  const dimensions = await reader.u32();
  if (dimensions > MAX_GGUF_DIMENSIONS) {
    throw refuse("bad-shape", `it has ${dimensions} dimensions, more than ${MAX_GGUF_DIMENSIONS}`, place);
  }
  const rest = dimensions * reader.countBytes + 4 + 8;
  if (!cursor.has(rest)) await cursor.fill(rest);
  const shape = Array.from({ length: dimensions }, () =>
    reader.countBytes === 4 ? BigInt(cursor.u32()) : cursor.u64(),
  );
  const typeId = cursor.u32();
  const from = cursor.u64();
  const type = GGML_TYPES.get(typeId);
  if (type === undefined) throw refuse("bad-type", `there is no tensor type ${typeId}`, place);
  const items = shape.reduce((product, size) => product * size, 1n);
  if (items === 0n) throw refuse("bad-shape", `its shape [${shape.join(", ")}] has a zero`, place);
  if (items > MAX_ITEMS) throw refuse("bad-shape", `its shape [${shape.join(", ")}] overflows`, place);
  const blockItems = BigInt(type.blockItems);
  const row = shape[0] ?? 1n;
  if (row % blockItems !== 0n) {
    const message = `its rows of ${row} are no multiple of the ${type.blockItems} items in a block of ${type.name}`;
    throw refuse("bad-shape", message, place);
  }
  const sizeBytes = (items / blockItems) * BigInt(type.blockBytes);
  const fileBytes = BigInt(cursor.position + cursor.remaining);
  // From here on everything is smaller than the file, and so an exact double.
  if (sizeBytes > fileBytes || from > fileBytes) {
    throw refuse("past-end", `its ${sizeBytes} bytes at ${from} run past the end of the file`, place);
  }
  return {
    name,
    type: type.name,
    shape: shape.map(intOf),
    items: intOf(items),
    offset: Number(from),
    sizeBytes: Number(sizeBytes),
  };
}

/** Where the data of a file lies. All in bytes from its start. */
export interface DataArea {
  readonly start: number;
  readonly end: number;
  readonly alignment: number;
}

/** Puts tensors into the file, in place: each aligned, inside, and apart from the others. */
export function placeTensors(entries: readonly TensorEntry[], area: DataArea): readonly Tensor[] {
  for (const entry of entries) placeTensor(entry, area);
  // Files list tensors in their order; a sort of a sorted list is quick, and any order is allowed.
  const ordered = entries.toSorted((a, b) => a.offset - b.offset);
  for (const [index, tensor] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before !== undefined && before.offset + before.sizeBytes > tensor.offset) {
      const message = `it overlaps the tensor ${quoted(before.name)}`;
      throw refuse("overlap", message, { tensor: tensor.name, offset: tensor.offset });
    }
  }
  return entries;
}

function placeTensor(entry: TensorEntry, { start, end, alignment }: DataArea): void {
  const { name, sizeBytes } = entry;
  if (entry.offset % alignment !== 0) {
    throw refuse("misaligned", `its offset ${entry.offset} is no multiple of ${alignment}`, { tensor: name });
  }
  const offset = start + entry.offset;
  if (sizeBytes > end - offset) {
    const over = offset + sizeBytes - end;
    throw refuse("past-end", `it runs ${over} bytes past the end of the file`, { tensor: name, offset });
  }
  entry.offset = offset;
}
