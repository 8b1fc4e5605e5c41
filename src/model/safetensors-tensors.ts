import { intOf } from "../base/ints.ts";
import type { TensorBudget } from "./budget.ts";
import { DTYPES } from "./dtypes.ts";
import type { JsonTokens } from "./json-tokens.ts";
import { MAX_FIELDS, MAX_RANK } from "./limits.ts";
import { quoted, refuse } from "./refusal.ts";
import type { Tensor } from "./tensor.ts";

/** The reference reader counts in unsigned 64-bit integers. */
const MAX_COUNT = 2n ** 64n - 1n;

interface Fields {
  dtype?: string;
  shape?: readonly bigint[];
  data_offsets?: readonly bigint[];
}

/** Where the data of a file lies, in bytes from its start. */
export interface DataArea {
  readonly start: number;
  readonly end: number;
}

/** Reads one tensor's entry. */
export function readEntry(name: string, tokens: JsonTokens, data: DataArea, budget: TensorBudget): Tensor {
  const place = { tensor: name };
  const { dtype, shape, data_offsets: range } = readFields(name, tokens);
  if (dtype === undefined || shape === undefined || range === undefined) {
    throw refuse("bad-json", "it lacks dtype, shape or data_offsets", place);
  }
  const type = DTYPES.get(dtype);
  if (type === undefined) throw refuse("bad-type", `there is no type ${quoted(dtype)}`, place);
  const dataBytes = BigInt(data.end - data.start);
  const [begin, end] = range;
  if (begin === undefined || end === undefined || range.length !== 2) {
    throw refuse("bad-json", "its data_offsets are not two numbers", place);
  }
  if (end < begin) throw refuse("size-mismatch", `it ends at ${end} before it begins at ${begin}`, place);
  if (end > dataBytes) {
    throw refuse("past-end", `it runs ${end - dataBytes} bytes past the end of the file`, place);
  }
  const items = itemsOf(shape, name);
  const totalBits = items * BigInt(type.bits);
  if (totalBits % 8n !== 0n) {
    throw refuse("bad-shape", `its ${items} values of ${type.bits} bits do not fill whole bytes`, place);
  }
  if (totalBits / 8n !== end - begin) {
    const message = `its shape asks for ${totalBits / 8n} bytes, and it has ${end - begin}`;
    throw refuse("size-mismatch", message, place);
  }
  return {
    name,
    type: type.name,
    shape: budget.share(shape.map(intOf)),
    items: intOf(items),
    offset: data.start + Number(begin),
    sizeBytes: Number(end - begin),
  };
}

function readFields(name: string, tokens: JsonTokens): Fields {
  const fields: Fields = {};
  const seen: string[] = [];
  tokens.expect("{");
  if (tokens.take("}")) return fields;
  do {
    const key = tokens.string();
    if (seen.includes(key)) {
      throw refuse("duplicate-key", `its key ${quoted(key)} is there twice`, { tensor: name });
    }
    if (seen.push(key) > MAX_FIELDS) {
      throw refuse("too-many", `it has more than ${MAX_FIELDS} fields`, { tensor: name });
    }
    tokens.expect(":");
    if (key === "dtype") fields.dtype = tokens.string();
    else if (key === "shape") fields.shape = tokens.counts(MAX_RANK);
    else if (key === "data_offsets") fields.data_offsets = tokens.counts(2);
    else tokens.value();
  } while (tokens.take(","));
  tokens.expect("}");
  return fields;
}

function itemsOf(shape: readonly bigint[], name: string): bigint {
  let items = 1n;
  for (const size of shape) {
    items *= size;
    if (size > MAX_COUNT || items > MAX_COUNT) {
      throw refuse("bad-shape", `its shape [${shape.join(", ")}] overflows`, { tensor: name });
    }
  }
  return items;
}

/** Refuses two tensors of one name. Sorted, they are neighbours: a set of all names would take more memory. */
export function checkNames(entries: readonly Tensor[]): void {
  const names = entries.map(({ name }) => name).sort();
  const again = names.find((name, index) => name === names[index + 1]);
  if (again === undefined) return;
  throw refuse("duplicate-tensor", "two tensors have this name", { tensor: again });
}

/** Refuses anything but tensors that follow each other without a hole and fill the data, as the format demands. */
export function checkContiguous(entries: readonly Tensor[], { start, end: dataEnd }: DataArea): void {
  // Empty tensors begin where the next one does: their end puts them before it.
  const ordered = entries.toSorted((a, b) => a.offset - b.offset || a.sizeBytes - b.sizeBytes);
  let end = start;
  for (const { name, offset, sizeBytes } of ordered) {
    const place = { tensor: name };
    if (offset < end)
      throw refuse("overlap", `it begins ${end - offset} bytes before another one ends`, place);
    if (offset > end)
      throw refuse("hole", `there are ${offset - end} bytes before it that are no tensor's`, place);
    end = offset + sizeBytes;
  }
  if (end !== dataEnd) {
    throw refuse("size-mismatch", `${dataEnd - end} bytes after the last tensor are no tensor's`);
  }
}
