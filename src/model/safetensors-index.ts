import { isJsonObject } from "../base/json.ts";
import { TensorBudget } from "./budget.ts";
import { JsonStream } from "./json-stream.ts";
import type { JsonTokens } from "./json-tokens.ts";
import { MAX_INDEX_BYTES, MAX_SHARDS } from "./limits.ts";
import { outcomeOf, quoted, type Refusal, refuse } from "./refusal.ts";
import type { ByteSource } from "./source.ts";

/** `model.safetensors.index.json`: which tensor lies in which file. */
export interface ShardIndex {
  readonly kind: "index";
  /** Tensor → file name. */
  readonly weightMap: ReadonlyMap<string, string>;
  /** The files, sorted: plain names, inside the index's folder. */
  readonly shards: readonly string[];
  /** What `metadata.total_size` says of the tensors' bytes; null when it says no whole number. */
  readonly totalSize: bigint | null;
  readonly sizeBytes: number;
}

/** Reads an index, in bounded memory. */
export function readShardIndex(source: ByteSource): Promise<ShardIndex | Refusal> {
  return outcomeOf(() => readIndex(source));
}

async function readIndex(source: ByteSource): Promise<ShardIndex> {
  const { sizeBytes } = source;
  if (sizeBytes > MAX_INDEX_BYTES) {
    throw refuse("header-too-large", `an index of ${sizeBytes} bytes is too large`);
  }
  const stream = new JsonStream(source, 0, sizeBytes);
  const keys = new Set<string>();
  let weightMap: ReadonlyMap<string, string> | null = null;
  let totalSize: bigint | null = null;
  await stream.step((tokens) => tokens.expect("{"));
  let more = !(await stream.step((tokens) => tokens.take("}")));
  while (more) {
    const key = await stream.step(readKey);
    if (keys.has(key)) throw refuse("duplicate-key", `the key ${quoted(key)} is there twice`);
    keys.add(key);
    if (key === "weight_map") weightMap = await readWeightMap(stream);
    else if (key === "metadata") totalSize = await stream.step(readTotalSize);
    else await stream.step((tokens) => tokens.value());
    more = await stream.step((tokens) => tokens.take(","));
    if (!more) await stream.step((tokens) => tokens.expect("}"));
  }
  await stream.finish();
  if (weightMap === null || weightMap.size === 0) throw refuse("bad-index", "it maps no tensor to a file");
  const shards = [...new Set(weightMap.values())].sort();
  return { kind: "index", weightMap, shards, totalSize, sizeBytes };
}

function readKey(tokens: JsonTokens): string {
  const key = tokens.string();
  tokens.expect(":");
  return key;
}

async function readWeightMap(stream: JsonStream): Promise<ReadonlyMap<string, string>> {
  const map = new Map<string, string>();
  const budget = new TensorBudget();
  /** One string a file, however often it is named. */
  const files = new Map<string, string>();
  await stream.members((tensor, tokens) => {
    const file = tokens.string();
    if (map.has(tensor)) throw refuse("duplicate-tensor", "it is there twice", { tensor });
    if (!isPlainFileName(file)) {
      throw refuse("unsafe-name", `its file ${quoted(file)} is not a plain name in this folder`, { tensor });
    }
    budget.add(tensor, []);
    const known = files.get(file) ?? file;
    files.set(known, known);
    if (files.size > MAX_SHARDS) throw refuse("too-many", `it names more than ${MAX_SHARDS} files`);
    map.set(tensor, known);
  });
  return map;
}

/** Some tools write it as a float or a string: then it is not known exactly, and null. */
function readTotalSize(tokens: JsonTokens): bigint | null {
  const metadata = tokens.value();
  if (!isJsonObject(metadata)) return null;
  const total = metadata["total_size"];
  if (typeof total === "bigint") return total >= 0n ? total : null;
  return typeof total === "number" && Number.isSafeInteger(total) && total >= 0 ? BigInt(total) : null;
}

/**
 * A name that stays inside its folder on any system: no separators, drives or streams, no dots at its start,
 * nothing that a terminal would act on.
 */
function isPlainFileName(name: string): boolean {
  return name.length <= MAX_NAME && /^[^./\\:\p{C}][^/\\:\p{C}]*$/u.test(name);
}

/** File systems take names of up to 255 bytes. */
const MAX_NAME = 255;
