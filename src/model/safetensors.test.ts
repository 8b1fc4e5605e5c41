import { expect, test } from "vitest";
import { writeRawSafetensors, writeSafetensors } from "../../test/support/models/safetensors.ts";
import type { RefusalCode } from "./refusal.ts";
import { readSafetensors } from "./safetensors.ts";
import { sourceOfBytes } from "./source.ts";

const read = (bytes: Uint8Array): ReturnType<typeof readSafetensors> => readSafetensors(sourceOfBytes(bytes));
const entry = (over: object = {}): object => ({ dtype: "F32", shape: [2], data_offsets: [0, 8], ...over });
const raw = (header: unknown, dataBytes = 8): Uint8Array =>
  writeRawSafetensors(typeof header === "string" ? header : JSON.stringify(header), dataBytes);

test("tensors, metadata and sizes are read", async () => {
  const bytes = writeSafetensors(
    [
      { name: "a", dtype: "BF16", shape: [3, 2], sizeBytes: 12 },
      { name: "é\n", dtype: "F4", shape: [3, 2], sizeBytes: 3 },
      { name: "scalar", dtype: "I64", shape: [], sizeBytes: 8 },
      { name: "empty", dtype: "F64", shape: [0, 7], sizeBytes: 0 },
    ],
    { format: "pt", long: "x".repeat(65_537) },
  );
  const outcome = await read(bytes);
  if (outcome.kind === "refused") throw new Error(outcome.message);
  const { headerBytes, tensors, metadata, sizeBytes } = outcome;
  expect(tensors).toEqual([
    { name: "a", type: "BF16", shape: [3, 2], items: 6, offset: headerBytes, sizeBytes: 12 },
    { name: "é\n", type: "F4", shape: [3, 2], items: 6, offset: headerBytes + 12, sizeBytes: 3 },
    { name: "scalar", type: "I64", shape: [], items: 1, offset: headerBytes + 15, sizeBytes: 8 },
    { name: "empty", type: "F64", shape: [0, 7], items: 0, offset: headerBytes + 23, sizeBytes: 0 },
  ]);
  expect([...metadata]).toEqual([["format", "pt"]]);
  expect(sizeBytes).toBe(headerBytes + 23);
});

test.each<[string, Uint8Array]>([
  ["no tensors", raw({}, 0)],
  ["spaces after the header", raw(`{"a":${JSON.stringify(entry())}}   \n`)],
  ["unknown fields", raw({ a: entry({ note: { deep: ["}", 1.5, null, '\\"'] } }) })],
  ["tensors in another order", raw({ b: entry({ data_offsets: [8, 16] }), a: entry() }, 16)],
  [
    "an empty tensor between two",
    raw(
      { a: entry(), c: entry({ data_offsets: [8, 16] }), b: entry({ shape: [0], data_offsets: [8, 8] }) },
      16,
    ),
  ],
  [
    "an empty tensor with a huge dimension",
    raw({ a: entry(), b: entry({ shape: [0, 2 ** 40], data_offsets: [8, 8] }) }),
  ],
])("%s: accepted", async (_, bytes) => {
  expect(await read(bytes)).toMatchObject({ kind: "safetensors" });
});

const ENTRY = JSON.stringify(entry());

test.each<[string, Uint8Array, RefusalCode, string?]>([
  ["an empty file", new Uint8Array(0), "cut-short"],
  ["8 bytes", new Uint8Array(8), "cut-short"],
  ["something else", Buffer.from("PK\x03\x04 a zip file, for example"), "not-a-model"],
  ["a header that is no object", raw("[]", 0), "not-a-model"],
  ["a header longer than the file", writeRawSafetensors("{}", 0, 3n), "cut-short"],
  ["a header longer than the format allows", writeRawSafetensors("{}", 0, 100_000_001n), "header-too-large"],
  ["a header of 2^64-1 bytes", writeRawSafetensors("{}", 0, 2n ** 64n - 1n), "header-too-large"],
  ["a header that ends too early", writeRawSafetensors("{}", 0, 1n), "bad-json"],
  ["text after the header", raw("{}x", 0), "bad-json"],
  ["no comma", raw(`{"a":${ENTRY} "b":${ENTRY}}`), "bad-json"],
  ["a comma at the end", raw(`{"a":${ENTRY},}`), "bad-json"],
  ["a key without quotes", raw(`{a:${ENTRY}}`), "bad-json"],
  ["half a character", raw(`{"\\ud800":${ENTRY}}`), "bad-json"],
  [
    "bytes that are not UTF-8",
    writeRawSafetensors(Buffer.from(`{"\xff":${ENTRY}}`, "latin1"), 8),
    "bad-json",
  ],
  ["a bare line end in a name", raw(`{"a\n":${ENTRY}}`), "bad-json"],
  ["a tensor that is a number", raw({ a: 1 }), "bad-json"],
  ["a tensor without dtype", raw({ a: { shape: [2], data_offsets: [0, 8] } }), "bad-json", "a"],
  ["a tensor twice", raw(`{"a":${ENTRY},"a":${ENTRY}}`), "duplicate-tensor", "a"],
  ["a tensor twice, once escaped", raw(`{"a":${ENTRY},"\\u0061":${ENTRY}}`), "duplicate-tensor", "a"],
  [
    "a field twice",
    raw(`{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}`),
    "duplicate-key",
    "a",
  ],
  ["metadata twice", raw(`{"__metadata__":{},"__metadata__":{}}`, 0), "duplicate-key"],
  ["a metadata key twice", raw(`{"__metadata__":{"a":"1","a":"1"}}`, 0), "duplicate-key"],
  ["metadata that is no text", raw({ __metadata__: { a: 1 } }, 0), "bad-json"],
  ["an unknown dtype", raw({ a: entry({ dtype: "F33" }) }), "bad-type", "a"],
  ["a dtype of an object's", raw({ a: entry({ dtype: "constructor" }) }), "bad-type", "a"],
  ["a negative dimension", raw({ a: entry({ shape: [-2] }) }), "bad-json"],
  ["a fractional dimension", raw(`{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}`), "bad-json"],
  ["an exponent", raw(`{"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}`), "bad-json"],
  ["a leading zero", raw(`{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}`), "bad-json"],
  ["65 dimensions", raw({ a: entry({ shape: Array.from({ length: 65 }, () => 1) }) }), "bad-json"],
  [
    "a shape that overflows",
    raw(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}`),
    "bad-shape",
    "a",
  ],
  [
    "a shape that overflows before its zero",
    raw(`{"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}`, 0),
    "bad-shape",
    "a",
  ],
  [
    "a dimension of 2^64",
    raw(`{"a":{"dtype":"F32","shape":[0,18446744073709551616],"data_offsets":[0,0]}}`, 0),
    "bad-shape",
    "a",
  ],
  [
    "values that do not fill a byte",
    raw({ a: entry({ dtype: "F4", shape: [3], data_offsets: [0, 2] }) }, 2),
    "bad-shape",
    "a",
  ],
  ["a shape for other bytes", raw({ a: entry({ shape: [3] }) }), "size-mismatch", "a"],
  ["an end before the beginning", raw({ a: entry({ data_offsets: [8, 0] }) }), "size-mismatch", "a"],
  ["three offsets", raw({ a: entry({ data_offsets: [0, 8, 8] }) }), "bad-json"],
  ["one offset", raw({ a: entry({ data_offsets: [0] }) }), "bad-json", "a"],
  ["a tensor past the end", raw({ a: entry() }, 7), "past-end", "a"],
  ["tensors that overlap", raw({ a: entry(), b: entry({ data_offsets: [4, 12] }) }, 12), "overlap", "b"],
  ["a hole at the start", raw({ a: entry({ data_offsets: [8, 16] }) }, 16), "hole", "a"],
  ["a hole between two", raw({ a: entry(), b: entry({ data_offsets: [9, 17] }) }, 17), "hole", "b"],
  ["bytes after the last tensor", raw({ a: entry() }, 9), "size-mismatch"],
])("%s: refused", async (_, bytes, code, tensor) => {
  expect(await read(bytes)).toMatchObject(
    tensor === undefined ? { kind: "refused", code } : { kind: "refused", code, tensor },
  );
});

test("a header larger than the window is read through it", async () => {
  const tensors = Array.from({ length: 5000 }, (_, index) => ({
    name: `layers.${index}.${"w".repeat(index % 90)}`,
    dtype: "U8",
    shape: [1],
    sizeBytes: 1,
  }));
  const outcome = await read(writeSafetensors(tensors, { note: "n".repeat(300_000) }));
  expect(outcome.kind === "safetensors" && outcome.tensors.map(({ name }) => name)).toEqual(
    tensors.map(({ name }) => name),
  );
});

test("a file cut at any byte is refused", async () => {
  const whole = writeSafetensors(
    [
      { name: "a", dtype: "F16", shape: [4], sizeBytes: 8 },
      { name: "b", dtype: "U8", shape: [2, 2], sizeBytes: 4 },
    ],
    { format: "pt" },
  );
  expect(await read(whole)).toMatchObject({ kind: "safetensors" });
  for (let length = 0; length < whole.length; length++) {
    const outcome = await read(whole.subarray(0, length));
    expect(outcome.kind, `cut to ${length} of ${whole.length} bytes`).toBe("refused");
  }
});
