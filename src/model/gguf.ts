import { GgufReader } from "./gguf-reader.ts";
import { placeTensors, readTensorEntry, type TensorEntry } from "./gguf-tensors.ts";
import type { Value } from "./gguf-values.ts";
import { MAX_KEY_BYTES, MAX_KEYS, MAX_TENSORS, MAX_WANTED_BYTES } from "./limits.ts";
import { outcomeOf, quoted, type Refusal, refuse } from "./refusal.ts";
import type { ByteSource } from "./source.ts";
import type { Tensor } from "./tensor.ts";

/** The bytes "GGUF", in this order for either byte order. */
export const GGUF_MAGIC: readonly number[] = [0x47, 0x47, 0x55, 0x46];

/** Source: ggml, `GGUF_DEFAULT_ALIGNMENT`. */
const DEFAULT_ALIGNMENT = 32;

const VERSIONS: readonly number[] = [1, 2, 3];

/** Everything that a GGUF file says before its data. */
export interface GgufHeader {
  readonly kind: "gguf";
  readonly version: number;
  readonly littleEndian: boolean;
  readonly metadata: ReadonlyMap<string, Value>;
  readonly tensors: readonly Tensor[];
  readonly alignment: number;
  /** Bytes before the tensors' data, its padding included. */
  readonly headerBytes: number;
  readonly sizeBytes: number;
}

export interface GgufOptions {
  /** Keys whose arrays are wanted whole, such as `tokenizer.ggml.tokens`: up to `MAX_WANTED_BYTES` together. */
  readonly whole?: ReadonlySet<string>;
}

/**
 * Reads the header of a GGUF file, version 1 to 3, of either byte order. Only the header is read, and memory
 * follows what is kept, not what the file claims. Errors of the disk are thrown as they are.
 */
export function readGguf(source: ByteSource, options: GgufOptions = {}): Promise<GgufHeader | Refusal> {
  return outcomeOf(() => readHeader(source, options));
}

async function readHeader(source: ByteSource, { whole }: GgufOptions): Promise<GgufHeader> {
  const reader = new GgufReader(source);
  const version = await readStart(reader);
  if (whole !== undefined) reader.allow(MAX_WANTED_BYTES);
  // A tensor's entry has at least its name's length, its dimensions, type and offset; a pair its key's length,
  // one character, a type and one byte.
  const tensorCount = await reader.count("the number of tensors", reader.countBytes + 16);
  const keyCount = await reader.count("the number of keys", reader.countBytes + 6);
  limit("keys", keyCount, MAX_KEYS);
  limit("tensors", tensorCount, MAX_TENSORS);
  const metadata = new Map<string, Value>();
  for (let index = 0; index < keyCount; index++) await readPair(reader, metadata, whole);
  const alignment = alignmentOf(metadata.get("general.alignment"));
  const entries = await readEntries(reader, tensorCount);
  const { position } = reader.cursor;
  // Without tensors there is no data, and so no padding before it.
  const start = tensorCount === 0 ? position : Math.ceil(position / alignment) * alignment;
  const tensors = placeTensors(entries, { start, end: source.sizeBytes, alignment });
  return {
    kind: "gguf",
    version,
    littleEndian: reader.cursor.littleEndian,
    metadata,
    tensors,
    alignment,
    headerBytes: start,
    sizeBytes: source.sizeBytes,
  };
}

/** Magic and version. The version tells the byte order: it is small only when read the right way round. */
async function readStart(reader: GgufReader): Promise<number> {
  const { cursor } = reader;
  await cursor.fill(8);
  if (!GGUF_MAGIC.every((byte) => cursor.u8() === byte)) {
    throw refuse("not-a-model", "it does not begin with GGUF", { offset: 0 });
  }
  const bytes = cursor.take(4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  const little = view.getUint32(0, true);
  const big = view.getUint32(0, false);
  const version = VERSIONS.find((known) => known === little || known === big);
  if (version === undefined) {
    throw refuse("unsupported-version", `GGUF version ${Math.min(little, big)} is not known`, { offset: 4 });
  }
  cursor.littleEndian = version === little;
  reader.countBytes = version === 1 ? 4 : 8;
  return version;
}

async function readPair(
  reader: GgufReader,
  metadata: Map<string, Value>,
  whole: ReadonlySet<string> | undefined,
): Promise<void> {
  const offset = reader.cursor.position;
  const key = await reader.name("a key", MAX_KEY_BYTES);
  if (key === "") throw refuse("bad-value", "a key is empty", { offset });
  if (metadata.has(key)) throw refuse("duplicate-key", `the key ${quoted(key)} is there twice`, { offset });
  reader.keep(key.length);
  const type = await reader.valueType();
  metadata.set(key, await reader.value(type, whole?.has(key) === true));
}

async function readEntries(reader: GgufReader, count: number): Promise<TensorEntry[]> {
  const entries: TensorEntry[] = [];
  const names = new Set<string>();
  while (entries.length < count) {
    const offset = reader.cursor.position;
    const entry = await readTensorEntry(reader);
    if (names.has(entry.name)) {
      throw refuse("duplicate-tensor", "two tensors have this name", { tensor: entry.name, offset });
    }
    names.add(entry.name);
    entries.push(entry);
  }
  return entries;
}

/** ggml reads a 32-bit power of two; anything else would put the data elsewhere for other readers. */
function alignmentOf(value: Value | undefined): number {
  if (value === undefined) return DEFAULT_ALIGNMENT;
  if (value.type !== "u32") {
    throw refuse("bad-alignment", `general.alignment is of type ${value.type}, not u32`);
  }
  const alignment = Number(value.value);
  if (alignment > 0 && Number.isInteger(Math.log2(alignment))) return alignment;
  throw refuse("bad-alignment", `general.alignment ${alignment} is no power of two`);
}

function limit(what: string, count: number, most: number): void {
  if (count > most) throw refuse("too-many", `there are ${count} ${what}, more than ${most}`);
}
