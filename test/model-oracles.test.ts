import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gguf, GGMLFileQuantizationType, GGMLQuantizationType } from "@huggingface/gguf";
import { parseSafetensorsMetadata } from "@huggingface/hub";
import { expect, test } from "vitest";
import { FILE_TYPES } from "../src/model/file-types.ts";
import { inspectFolder } from "../src/model/folder.ts";
import { GGML_TYPES } from "../src/model/ggml-types.ts";
import { type GgufHeader, readGguf } from "../src/model/gguf.ts";
import type { Value } from "../src/model/gguf-values.ts";
import { inspectFile } from "../src/model/inspect.ts";
import { sourceOfBytes } from "../src/model/source.ts";
import { folderOf } from "./support/models/folder.ts";
import { writeGguf } from "./support/models/gguf.ts";
import { makeGguf, makeSafetensors } from "./support/models/make.ts";
import { SeededRandom } from "./support/models/random.ts";
import { writeSafetensors } from "./support/models/safetensors.ts";
import { serveHub } from "./support/models/serve.ts";
import { tempDir } from "./support/temp.ts";

// The oracles are other people's readers of the same formats, from another code base.

const GGUF_FILES = 400;
const SAFETENSORS_FILES = 150;

/** A value as the oracle gives it: 64-bit integers as bigints, arrays as arrays. */
function plain(value: Value): unknown {
  switch (value.type) {
    case "array":
      return value.first.map(plain);
    case "string":
      return value.text;
    case "u64":
    case "i64":
      return BigInt(value.value);
    default:
      return value.value;
  }
}

/** The oracle drops a mark at a string's start, as TextDecoder does unless told otherwise; we keep it. */
function withoutMarks(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/^\ufeff/, "");
  return Array.isArray(value) ? value.map(withoutMarks) : value;
}

async function headerOf(bytes: Uint8Array, whole: ReadonlySet<string>): Promise<GgufHeader> {
  const header = await readGguf(sourceOfBytes(bytes), { whole });
  if (header.kind === "refused") throw new Error(header.message);
  return header;
}

test("GGUF metadata and tensors are what @huggingface/gguf reads", async () => {
  const path = join(tempDir(), "model.gguf");
  let tensors = 0;
  for (let seed = 0; seed < GGUF_FILES; seed++) {
    const spec = makeGguf(new SeededRandom(seed));
    const bytes = writeGguf(spec);
    writeFileSync(path, bytes);
    const oracle = await gguf(path, { allowLocalFile: true, computeParametersCount: true });
    const ours = await headerOf(bytes, new Set(spec.metadata?.map(([key]) => key)));
    const { version, tensor_count, kv_count, ...metadata } = oracle.metadata as unknown as Record<
      string,
      unknown
    >;
    expect([version, tensor_count, kv_count], `seed ${seed}`).toEqual([
      ours.version,
      BigInt(ours.tensors.length),
      BigInt(ours.metadata.size),
    ]);
    const values = Object.fromEntries(
      [...ours.metadata].map(([key, value]) => [key, withoutMarks(plain(value))]),
    );
    expect(withoutMarks(metadata), `seed ${seed}`).toEqual(values);
    const infos = ours.tensors.map(({ name, type, shape, offset }) => ({
      name,
      n_dims: shape.length,
      shape: shape.map(BigInt),
      dtype: GGMLQuantizationType[type as keyof typeof GGMLQuantizationType],
      offset: BigInt(offset - ours.headerBytes),
    }));
    expect(oracle.tensorInfos, `seed ${seed}`).toEqual(infos);
    expect(oracle.littleEndian).toBe(ours.littleEndian);
    if (infos.length > 0) expect(oracle.tensorDataOffset).toBe(BigInt(ours.headerBytes));
    const inspected = await inspectFile(sourceOfBytes(bytes));
    expect(inspected.kind === "inspected" && inspected.facts.parameters).toBe(oracle.parameterCount);
    tensors += infos.length;
  }
  expect(tensors).toBeGreaterThan(GGUF_FILES);
});

test("tensor types and file types have the oracle's names and numbers", () => {
  const numbers = (table: object): [number, string][] =>
    Object.entries(table).flatMap(([name, id]): [number, string][] =>
      typeof id === "number" ? [[id, name]] : [],
    );
  const named = new Map([...GGML_TYPES].map(([id, { name }]) => [id, name]));
  expect(named).toEqual(new Map(numbers(GGMLQuantizationType)));
  // From 1000 on the oracle has names that are in no file.
  expect(FILE_TYPES).toEqual(new Map(numbers(GGMLFileQuantizationType).filter(([id]) => id < 1000)));
});

test("safetensors headers are what @huggingface/hub reads", async () => {
  const models = Array.from({ length: SAFETENSORS_FILES }, (_, seed) =>
    makeSafetensors(new SeededRandom(seed)),
  );
  const files = models.map(
    (tensors, seed) => [`${seed}.safetensors`, writeSafetensors(tensors, { format: "pt" })] as const,
  );
  const hubUrl = await serveHub(Object.fromEntries(files));
  for (const [path, bytes] of files) {
    const { header } = (await parseSafetensorsMetadata({ repo: "a/b", path, hubUrl })) as {
      header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
    };
    const ours = await inspectFile(sourceOfBytes(bytes));
    if (ours.kind === "refused") throw new Error(`${path}: ${ours.message}`);
    const { __metadata__: metadata, ...entries } = header;
    expect(metadata).toEqual({ format: "pt" });
    const begin = Number(ours.facts.header_bytes);
    const listed = ours.tensors.map(({ name, type, shape, offset, sizeBytes }) => [
      name,
      { dtype: type, shape, data_offsets: [offset - begin, offset - begin + sizeBytes] },
    ]);
    expect(entries, path).toEqual(Object.fromEntries(listed));
  }
});

test("a sharded model has the oracle's files and parameters", async () => {
  const names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] as const;
  const make = (seed: number): ReturnType<typeof makeSafetensors> =>
    makeSafetensors(new SeededRandom(seed)).map((tensor) => ({ ...tensor, name: `${seed}.${tensor.name}` }));
  const [first, second] = [make(1), make(4)];
  const map: Record<string, string> = {};
  for (const { name } of first) map[name] = names[0];
  for (const { name } of second) map[name] = names[1];
  const index = JSON.stringify({ metadata: { total_size: 0 }, weight_map: map });
  const files = {
    [names[0]]: writeSafetensors(first),
    [names[1]]: writeSafetensors(second),
    "model.safetensors.index.json": new Uint8Array(Buffer.from(index)),
  };
  expect(first.length * second.length).toBeGreaterThan(0);
  const hubUrl = await serveHub(files);
  const oracle = await parseSafetensorsMetadata({ repo: "a/b", hubUrl, computeParametersCount: true });
  const ours = await inspectFolder(folderOf(files), { tensors: true });
  if (ours.kind === "refused") throw new Error(ours.message);
  expect(oracle.sharded).toBe(true);
  expect(ours.facts.weight_files).toEqual(names);
  // The oracle leaves out scalars and types that only hold scales.
  const counted = ours.tensors.filter(({ type, shape }) => type !== "F8_E8M0" && shape.length > 0);
  const sum = counted.reduce((total, { items }) => total + Number(items), 0);
  expect(Object.values(oracle.parameterCount).reduce((total, count) => total + (count ?? 0), 0)).toBe(sum);
});
