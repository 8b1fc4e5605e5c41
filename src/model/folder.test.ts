import { expect, test } from "vitest";
import { folderOf } from "../../test/support/models/folder.ts";
import { writeGguf } from "../../test/support/models/gguf.ts";
import { writeSafetensors } from "../../test/support/models/safetensors.ts";
import { inspectFolder } from "./folder.ts";
import type { RefusalCode } from "./refusal.ts";

const shard = (...names: readonly string[]): Uint8Array =>
  writeSafetensors(names.map((name) => ({ name, dtype: "BF16", shape: [4, 2], sizeBytes: 16 })));
const index = (map: object, metadata: object = { total_size: 48 }): string =>
  JSON.stringify({ metadata, weight_map: map });

const CONFIG = JSON.stringify({
  model_type: "qwen2",
  max_position_embeddings: 32_768,
  hidden_size: 896,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  vocab_size: 151_936,
});

const ONE = "model-00001-of-00002.safetensors";
const TWO = "model-00002-of-00002.safetensors";
const INDEX = "model.safetensors.index.json";
const MAP = { a: ONE, b: ONE, c: TWO };
const SHARDS = { [ONE]: shard("a", "b"), [TWO]: shard("c") };
const GOOD = { ...SHARDS, [INDEX]: index(MAP) };

test("a sharded model adds up, and its config.json states the rest", async () => {
  const extra = {
    "config.json": CONFIG,
    "tokenizer.json": "{}",
    "README.md": "",
    "optimizer.pt": "x",
    LICENSE: "",
  };
  const outcome = await inspectFolder(folderOf({ ...GOOD, ...extra }), { tensors: true });
  if (outcome.kind === "refused") throw new Error(outcome.message);
  expect(outcome.facts).toMatchObject({
    format: "safetensors",
    architecture: "qwen2",
    parameters: 24,
    quantization: "BF16",
    quantization_from: "tensor-types",
    tensor_count: 3,
    tensor_bytes: 48,
    size_bytes: SHARDS[ONE].length + SHARDS[TWO].length,
    context_length: 32_768,
    embedding_length: 896,
    block_count: 24,
    head_count: 14,
    head_count_kv: 2,
    vocabulary_size: 151_936,
    weight_files: [ONE, TWO],
    missing: ["name", "licence"],
    notes: [],
  });
  expect(outcome.tensors.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  expect(outcome.files.map(({ name, role }) => `${role} ${name}`)).toEqual([
    "licence LICENSE",
    "readme README.md",
    "config config.json",
    `weights ${ONE}`,
    `weights ${TWO}`,
    `index ${INDEX}`,
    "tokenizer tokenizer.json",
  ]);
});

test.each<[string, Record<string, Uint8Array | string>, object]>([
  [
    "one safetensors file",
    { "weights.safetensors": shard("a") },
    { tensor_count: 1, weight_files: ["weights.safetensors"] },
  ],
  [
    "the usual name of two",
    { "model.safetensors": shard("a"), "adapter.safetensors": shard("b") },
    { weight_files: ["model.safetensors"] },
  ],
  ["one GGUF file", { "x.gguf": writeGguf({}) }, { format: "gguf", weight_files: ["x.gguf"] }],
  [
    "a wrong total size",
    { ...SHARDS, [INDEX]: index(MAP, { total_size: 47 }) },
    { notes: [{ code: "total-size-differs" }] },
  ],
  [
    "a total size as a float",
    { ...SHARDS, [INDEX]: `{"metadata":{"total_size":4.8e1},"weight_map":${JSON.stringify(MAP)}}` },
    { notes: [] },
  ],
  [
    "a tensor that is in no index",
    { ...GOOD, [TWO]: shard("c", "d"), [INDEX]: index(MAP, {}) },
    { tensor_count: 4, notes: [{ code: "unlisted-tensors" }] },
  ],
  [
    "a broken config.json",
    { ...GOOD, "config.json": "{" },
    { architecture: null, notes: [{ code: "config-unreadable" }] },
  ],
  [
    "packed weights",
    {
      "model.safetensors": shard("a"),
      "config.json": '{"quantization_config":{"quant_method":"gptq","bits":4}}',
    },
    {
      quantization: "gptq-4bit",
      quantization_from: "config.json",
      majority_type: "BF16",
      notes: [{ code: "packed-weights" }],
    },
  ],
  [
    "a model of text and pictures",
    {
      "model.safetensors": shard("a"),
      "config.json": '{"architectures":["Xmodel"],"text_config":{"hidden_size":7}}',
    },
    { architecture: "Xmodel", embedding_length: 7 },
  ],
])("%s", async (_, files, expected) => {
  const outcome = await inspectFolder(folderOf(files));
  expect(outcome.kind === "inspected" ? outcome.facts : outcome).toMatchObject(expected);
});

test.each<[string, Record<string, Uint8Array | string>, RefusalCode, object?]>([
  ["nothing", { "notes.txt": "x" }, "missing-weights"],
  [
    "two files that could be the weights",
    { "a.safetensors": shard("a"), "b.safetensors": shard("b") },
    "ambiguous-weights",
  ],
  ["a shard that is not there", { [ONE]: SHARDS[ONE], [INDEX]: index(MAP) }, "missing-shard", { file: TWO }],
  [
    "a tensor that its shard lacks",
    { ...SHARDS, [INDEX]: index({ ...MAP, d: TWO }) },
    "missing-tensor",
    { tensor: "d", file: TWO },
  ],
  [
    "a tensor in another shard",
    { ...SHARDS, [INDEX]: index({ ...MAP, b: TWO }) },
    "bad-index",
    { tensor: "b", file: ONE },
  ],
  ["a shard that is cut", { ...GOOD, [TWO]: SHARDS[TWO].subarray(0, 40) }, "cut-short", { file: TWO }],
  ["a map that is empty", { ...SHARDS, [INDEX]: index({}) }, "bad-index", { file: INDEX }],
  ["no map", { ...SHARDS, [INDEX]: "{}" }, "bad-index", { file: INDEX }],
  ["an index that is no JSON", { ...SHARDS, [INDEX]: '{"weight_map":{"a":' }, "bad-json", { file: INDEX }],
  ["an empty index", { ...SHARDS, [INDEX]: "" }, "bad-json", { file: INDEX }],
  [
    "a tensor twice in the index",
    { ...SHARDS, [INDEX]: `{"weight_map":{"a":"${ONE}","a":"${ONE}"}}` },
    "duplicate-tensor",
    { tensor: "a" },
  ],
  ["two maps", { ...SHARDS, [INDEX]: `{"weight_map":{},"weight_map":{}}` }, "duplicate-key"],
])("%s is refused", async (_, files, code, place = {}) => {
  expect(await inspectFolder(folderOf(files))).toMatchObject({ kind: "refused", code, ...place });
});

test.each([
  "../a.safetensors",
  "/etc/passwd",
  "a/b",
  "a\\b",
  "..",
  ".hidden",
  "C:a",
  "a\u0000b",
  "a\u202eb",
  "",
  "x".repeat(256),
])("a shard named %j is refused", async (name) => {
  const outcome = await inspectFolder(folderOf({ ...SHARDS, [INDEX]: index({ a: name }) }));
  expect(outcome).toMatchObject({ kind: "refused", code: "unsafe-name", tensor: "a", file: INDEX });
});
