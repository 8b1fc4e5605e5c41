import { expect, test } from "vitest";
import { type GgufSpec, type GgufValue, writeGguf } from "../../test/support/models/gguf.ts";
import { writeRawSafetensors, writeSafetensors } from "../../test/support/models/safetensors.ts";
import { stringifyJson } from "../base/json.ts";
import { factsJson, type ModelFacts } from "./facts.ts";
import { inspectFile } from "./inspect.ts";
import { sourceOfBytes } from "./source.ts";

async function factsOf(bytes: Uint8Array): Promise<ModelFacts> {
  const outcome = await inspectFile(sourceOfBytes(bytes));
  if (outcome.kind === "refused") throw new Error(`${outcome.code}: ${outcome.message}`);
  return outcome.facts;
}

const u32 = (value: number): GgufValue => ({ type: "u32", value });
const text = (value: string): GgufValue => ({ type: "string", value });
const u32s = (...values: number[]): GgufValue => ({ type: "array", element: "u32", items: values.map(u32) });
const gguf = (metadata: GgufSpec["metadata"]): Promise<ModelFacts> =>
  factsOf(writeGguf({ metadata: metadata ?? [] }));

const ALL = [
  ...["architecture", "name", "licence", "context_length", "embedding_length", "block_count"],
  ...["head_count", "head_count_kv", "vocabulary_size"],
];

test("a file that states nothing says what is missing", async () => {
  expect(await gguf([])).toMatchObject({
    parameters: 0,
    quantization: null,
    quantization_from: null,
    majority_type: null,
    tensor_types: [],
    missing: [...ALL, "file_type"],
  });
  expect((await factsOf(writeSafetensors([]))).missing).toEqual(ALL);
});

test.each<[string, GgufSpec["metadata"], object]>([
  ["empty text", [["general.name", text("")]], { name: null }],
  ["a name that is a number", [["general.name", u32(1)]], { name: null }],
  ["a licence", [["general.license", text("mit")]], { licence: "mit" }],
  [
    "keys of another architecture",
    [
      ["general.architecture", text("a")],
      ["b.block_count", u32(1)],
    ],
    { block_count: null },
  ],
  [
    "a negative count",
    [
      ["general.architecture", text("a")],
      ["a.block_count", { type: "i32", value: -1 }],
    ],
    { block_count: null },
  ],
  [
    "heads that are the same in every block",
    [
      ["general.architecture", text("a")],
      ["a.attention.head_count", u32s(8, 8)],
    ],
    { head_count: 8 },
  ],
  [
    "heads that differ by block",
    [
      ["general.architecture", text("a")],
      ["a.attention.head_count", u32s(8, 0, 8)],
    ],
    { head_count: [8, 0, 8] },
  ],
  [
    "a vocabulary size before its tokens",
    [
      ["general.architecture", text("a")],
      ["a.vocab_size", u32(5)],
      ["tokenizer.ggml.tokens", u32s(1)],
    ],
    { vocabulary_size: 5 },
  ],
  [
    "a file type",
    [["general.file_type", u32(7)]],
    { file_type: 7, quantization: "Q8_0", quantization_from: "general.file_type" },
  ],
  [
    "an unknown file type",
    [["general.file_type", u32(99)]],
    { file_type: 99, quantization: null, notes: [{ code: "unknown-file-type" }] },
  ],
  [
    "one of several files",
    [["split.count", { type: "u16", value: 3 }]],
    { notes: [{ code: "one-of-several-files" }] },
  ],
  [
    "text that is not UTF-8",
    [["general.name", { type: "string", value: Uint8Array.of(0xff) }]],
    { name: null, notes: [{ code: "text-not-utf8" }] },
  ],
])("%s", async (_, metadata, expected) => {
  expect(await gguf(metadata)).toMatchObject(expected);
});

test("the majority type is the one with the most values, not the most tensors or bytes", async () => {
  const facts = await factsOf(
    writeGguf({
      tensors: [
        { name: "a", type: 0, shape: [200], sizeBytes: 800 },
        { name: "b", type: 0, shape: [1], sizeBytes: 4 },
        { name: "c", type: 2, shape: [320], sizeBytes: 180 },
      ],
    }),
  );
  expect(facts).toMatchObject({
    majority_type: "Q4_0",
    quantization: "Q4_0",
    quantization_from: "tensor-types",
  });
  expect(facts.tensor_types).toEqual([
    { type: "Q4_0", tensors: 1, parameters: 320, bytes: 180 },
    { type: "F32", tensors: 2, parameters: 201, bytes: 804 },
  ]);
});

test("safetensors' own metadata is read where it has the standard's names", async () => {
  const metadata = { "modelspec.title": "T", "modelspec.architecture": "sdxl", license: "mit" };
  expect(await factsOf(writeSafetensors([], metadata))).toMatchObject({
    name: "T",
    architecture: "sdxl",
    licence: "mit",
  });
});

test("numbers beyond 2^53 are written digit for digit", async () => {
  const facts = await gguf([
    ["general.architecture", text("a")],
    ["a.context_length", { type: "u64", value: 2n ** 64n - 1n }],
  ]);
  expect(stringifyJson(factsJson(facts))).toContain('"context_length":18446744073709551615');
});

test.each<[string, Uint8Array]>([
  ["nothing", new Uint8Array(0)],
  ["part of the magic", Buffer.from("GGU")],
  ["text", Buffer.from("this is not a model at all")],
  ["an index", Buffer.from('{"weight_map":{"a":"b.safetensors"}}')],
])("%s is refused", async (_, bytes) => {
  expect(await inspectFile(sourceOfBytes(bytes))).toMatchObject({ kind: "refused" });
});

test("names and counts beyond the limits are refused", async () => {
  const entry = { dtype: "U8", shape: [0], data_offsets: [0, 0] };
  const long = writeRawSafetensors(JSON.stringify({ ["n".repeat(65_536)]: entry }), 0);
  expect(await inspectFile(sourceOfBytes(long))).toMatchObject({ code: "name-too-long" });
  const fields = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`f${index}`, 0]));
  const many = writeRawSafetensors(JSON.stringify({ a: { ...entry, ...fields } }), 0);
  expect(await inspectFile(sourceOfBytes(many))).toMatchObject({ code: "too-many", tensor: "a" });
  const keys = Array.from({ length: 65_537 }, (_, index) => [`k${index}`, u32(0)] as const);
  expect(await inspectFile(sourceOfBytes(writeGguf({ metadata: keys })))).toMatchObject({ code: "too-many" });
});
