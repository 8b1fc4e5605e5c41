import { TensorBudget } from "./budget.ts";
import { Cursor } from "./cursor.ts";
import { JsonStream } from "./json-stream.ts";
import type { JsonTokens } from "./json-tokens.ts";
import {
  MAX_METADATA_KEPT,
  MAX_METADATA_VALUE_BYTES,
  MAX_NAME_CHARACTERS,
  MAX_SAFETENSORS_HEADER_BYTES,
} from "./limits.ts";
import { outcomeOf, quoted, type Refusal, refuse } from "./refusal.ts";
import { checkContiguous, checkNames, type DataArea, readEntry } from "./safetensors-tensors.ts";
import type { ByteSource } from "./source.ts";
import type { Tensor } from "./tensor.ts";

/** Bytes of the header's length, which come first. */
const LENGTH_BYTES = 8;

/** Source: the format's README: "the header data MUST begin with a `{` character". */
const OPEN_BRACE = 0x7b;

/** Everything that a safetensors file says before its data. */
export interface SafetensorsHeader {
  readonly kind: "safetensors";
  /** `__metadata__`; values too long to keep are left out. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: readonly Tensor[];
  /** Bytes before the tensors' data: the length and the JSON. */
  readonly headerBytes: number;
  readonly sizeBytes: number;
}

/**
 * Reads the header of a safetensors file, and nothing else of it. Errors of the disk are thrown as they are.
 * The files of one model share a budget.
 */
export function readSafetensors(
  source: ByteSource,
  budget: TensorBudget = new TensorBudget(),
): Promise<SafetensorsHeader | Refusal> {
  return outcomeOf(() => readHeader(source, budget));
}

async function readHeader(source: ByteSource, budget: TensorBudget): Promise<SafetensorsHeader> {
  const { sizeBytes } = source;
  const data = { start: await readLength(source), end: sizeBytes };
  const stream = new JsonStream(source, LENGTH_BYTES, data.start);
  const tensors: Tensor[] = [];
  let metadata: ReadonlyMap<string, string> | null = null;
  await stream.step((tokens) => tokens.expect("{"));
  let more = !(await stream.step((tokens) => tokens.take("}")));
  while (more) {
    const member = await stream.step((tokens) => readMember(tokens, data, budget));
    if (member === "__metadata__") {
      if (metadata !== null) throw refuse("duplicate-key", "__metadata__ is there twice");
      metadata = await readMetadata(stream);
      more = await stream.step(readSeparator);
    } else {
      const { tensor } = member;
      budget.add(tensor.name, tensor.shape);
      tensors.push(tensor);
      more = member.more;
    }
  }
  await stream.finish();
  checkNames(tensors);
  checkContiguous(tensors, data);
  return {
    kind: "safetensors",
    metadata: metadata ?? new Map(),
    tensors,
    headerBytes: data.start,
    sizeBytes,
  };
}

/** A tensor with what follows it, in one step; or only the key of `__metadata__`, which may be long. */
function readMember(
  tokens: JsonTokens,
  data: DataArea,
  budget: TensorBudget,
): "__metadata__" | { tensor: Tensor; more: boolean } {
  const name = tokens.string();
  tokens.expect(":");
  if (name === "__metadata__") return name;
  if (name.length > MAX_NAME_CHARACTERS) {
    throw refuse("name-too-long", `a tensor's name has more than ${MAX_NAME_CHARACTERS} characters`);
  }
  return { tensor: readEntry(name, tokens, data, budget), more: readSeparator(tokens) };
}

/** True at a comma, false at the end of the object. */
function readSeparator(tokens: JsonTokens): boolean {
  if (tokens.take(",")) return true;
  tokens.expect("}");
  return false;
}

/** Where the header ends in the file. */
async function readLength(source: ByteSource): Promise<number> {
  const cursor = new Cursor(source, MAX_SAFETENSORS_HEADER_BYTES);
  await cursor.fill(LENGTH_BYTES + 1);
  const length = cursor.u64();
  if (cursor.u8() !== OPEN_BRACE) {
    throw refuse("not-a-model", "it is neither GGUF nor safetensors", { offset: 0 });
  }
  if (length > BigInt(MAX_SAFETENSORS_HEADER_BYTES)) {
    const message = `its header of ${length} bytes is larger than ${MAX_SAFETENSORS_HEADER_BYTES}`;
    throw refuse("header-too-large", message, { offset: 0 });
  }
  if (length > BigInt(source.sizeBytes - LENGTH_BYTES)) {
    throw refuse("cut-short", `the file ends inside its header of ${length} bytes`, { offset: 0 });
  }
  return LENGTH_BYTES + Number(length);
}

async function readMetadata(stream: JsonStream): Promise<ReadonlyMap<string, string>> {
  const metadata = new Map<string, string>();
  const keys = new Set<string>();
  let kept = 0;
  await stream.members((key, tokens) => {
    const value = tokens.string();
    if (keys.has(key)) throw refuse("duplicate-key", `the key ${quoted(key)} is twice in __metadata__`);
    kept += key.length;
    keys.add(key);
    if (value.length <= MAX_METADATA_VALUE_BYTES) {
      kept += value.length;
      metadata.set(key, value);
    }
    if (kept > MAX_METADATA_KEPT) {
      throw refuse("header-too-large", `__metadata__ has more than ${MAX_METADATA_KEPT} characters`);
    }
  });
  return metadata;
}
