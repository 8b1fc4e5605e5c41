import { expect, test } from "vitest";
import { type GgufSpec, type GgufTensor, type GgufValue, writeGguf } from "../../test/support/models/gguf.ts";
import { type GgufOptions, readGguf } from "./gguf.ts";
import type { Refusal, RefusalCode } from "./refusal.ts";
import { sourceOfBytes } from "./source.ts";

const tensor = (name: string, over: Partial<GgufTensor> = {}): GgufTensor => ({
  name,
  shape: [32],
  type: 0,
  sizeBytes: 128,
  ...over,
});
const u32 = (value: number): GgufValue => ({ type: "u32", value });
const text = (value: string | Uint8Array): GgufValue => ({ type: "string", value });
const array = (element: GgufValue["type"], items: GgufValue[], count?: bigint): GgufValue =>
  count === undefined ? { type: "array", element, items } : { type: "array", element, items, count };
const nested = (depth: number): GgufValue =>
  depth === 0 ? u32(1) : array(nested(depth - 1).type, [nested(depth - 1)]);

const read = (spec: GgufSpec, options?: GgufOptions): ReturnType<typeof readGguf> =>
  readGguf(sourceOfBytes(writeGguf(spec)), options);

async function header(
  spec: GgufSpec,
  options?: GgufOptions,
): Promise<Exclude<Awaited<ReturnType<typeof readGguf>>, Refusal>> {
  const outcome = await read(spec, options);
  if (outcome.kind === "refused") throw new Error(`${outcome.code}: ${outcome.message}`);
  return outcome;
}

test.each([1, 2, 3].flatMap((version) => [true, false].map((little) => ({ version, little }))))(
  "every value type is read exactly: %o",
  async ({ version, little }) => {
    const values: [string, GgufValue, unknown][] = [
      ["u8", { type: "u8", value: 255 }, 255],
      ["i8", { type: "i8", value: -128 }, -128],
      ["u16", { type: "u16", value: 65_535 }, 65_535],
      ["i16", { type: "i16", value: -32_768 }, -32_768],
      ["u32", u32(4_294_967_295), 4_294_967_295],
      ["i32", { type: "i32", value: -2_147_483_648 }, -2_147_483_648],
      ["u64", { type: "u64", value: 2n ** 64n - 1n }, 2n ** 64n - 1n],
      ["safe u64", { type: "u64", value: 9_007_199_254_740_991n }, 9_007_199_254_740_991],
      ["first unsafe u64", { type: "u64", value: 9_007_199_254_740_993n }, 9_007_199_254_740_993n],
      ["i64", { type: "i64", value: -(2n ** 63n) }, -(2n ** 63n)],
      ["f32", { type: "f32", value: 0.5 }, 0.5],
      ["f64", { type: "f64", value: 0.1 }, 0.1],
      ["bool", { type: "bool", value: true }, true],
    ];
    const { metadata, ...rest } = await header({
      version,
      little,
      metadata: values.map(([key, value]) => [key, value]),
    });
    expect(rest).toMatchObject({ version, littleEndian: little, tensors: [], alignment: 32 });
    expect([...metadata].map(([key, value]) => [key, "value" in value ? value.value : value])).toEqual(
      values.map(([key, , expected]) => [key, expected]),
    );
  },
);

test("strings and arrays say what was kept of them", async () => {
  const { metadata } = await header({
    metadata: [
      ["text", text("\ufeffé🙂")],
      ["bytes", text(Uint8Array.of(0xff, 0x41))],
      ["long", text("x".repeat(1_048_577))],
      ["few", array("u8", [{ type: "u8", value: 1 }])],
      [
        "many",
        array(
          "u32",
          Array.from({ length: 513 }, (_, index) => u32(index)),
        ),
      ],
      ["none", array("string", [])],
      ["deep", nested(4)],
    ],
  });
  expect(metadata.get("text")).toEqual({ type: "string", text: "\ufeffé🙂", sizeBytes: 9, exact: true });
  expect(metadata.get("bytes")).toMatchObject({ text: "\ufffdA", exact: false });
  expect(metadata.get("long")).toEqual({ type: "string", text: null, sizeBytes: 1_048_577, exact: false });
  expect(metadata.get("few")).toMatchObject({ element: "u8", length: 1, whole: true, first: [{ value: 1 }] });
  const many = metadata.get("many");
  expect(many).toMatchObject({ element: "u32", length: 513, whole: false });
  expect(many?.type === "array" && many.first.length).toBe(8);
  expect(metadata.get("none")).toEqual({
    type: "array",
    element: "string",
    length: 0,
    first: [],
    whole: true,
  });
  expect(JSON.stringify(metadata.get("deep"))).toContain('"value":1');
});

test("an array that is asked for is given whole", async () => {
  const words = Array.from({ length: 1000 }, (_, index) => `word ${index}`);
  const metadata = [["tokens", array("string", words.map(text))]] as const;
  const outcome = await header({ metadata }, { whole: new Set(["tokens"]) });
  const tokens = outcome.metadata.get("tokens");
  expect(
    tokens?.type === "array" && tokens.whole && tokens.first.map((item) => "text" in item && item.text),
  ).toEqual(words);
});

test("tensors come with type, shape, size and place", async () => {
  const { tensors, headerBytes, sizeBytes } = await header({
    tensors: [
      tensor("a", { shape: [3, 2], sizeBytes: 24 }),
      tensor("b", { shape: [256, 5], type: 12, sizeBytes: 720 }),
    ],
  });
  expect(tensors).toEqual([
    { name: "a", type: "F32", shape: [3, 2], items: 6, offset: headerBytes, sizeBytes: 24 },
    { name: "b", type: "Q4_K", shape: [256, 5], items: 1280, offset: headerBytes + 32, sizeBytes: 720 },
  ]);
  expect(headerBytes % 32).toBe(0);
  expect(sizeBytes).toBe(headerBytes + 752);
});

test.each<[string, GgufSpec]>([
  ["a tensor without dimensions is one value", { tensors: [tensor("a", { shape: [], sizeBytes: 4 })] }],
  ["a name of 64 bytes", { tensors: [tensor("n".repeat(64))] }],
  [
    "a large alignment",
    { alignment: 4096, metadata: [["general.alignment", u32(4096)]], tensors: [tensor("a")] },
  ],
  ["tensors in another order", { tensors: [tensor("b", { offset: 128n }), tensor("a", { offset: 0n })] }],
  ["nothing at all", {}],
])("%s is accepted", async (_, spec) => {
  expect(await read(spec)).toMatchObject({ kind: "gguf" });
});

test.each<[string, GgufSpec, RefusalCode, string?]>([
  ["another magic", { magic: "GGML" }, "not-a-model"],
  ["version 0", { version: 0 }, "unsupported-version"],
  ["version 4", { version: 4 }, "unsupported-version"],
  ["more tensors than the file has room for", { tensorCount: 2n ** 63n }, "past-end"],
  ["one tensor too many", { tensors: [tensor("a")], tensorCount: 2n }, "past-end"],
  ["more keys than the file has room for", { keyCount: 2n ** 64n - 1n }, "past-end"],
  ["one key too many", { keyCount: 1n }, "past-end"],
  ["an array longer than the file", { metadata: [["k", array("u8", [], 2n ** 40n)]] }, "past-end"],
  ["an array whose bytes overflow", { metadata: [["k", array("u64", [], 2n ** 61n)]] }, "past-end"],
  [
    "more strings than the file has room for",
    { metadata: [["k", array("string", [text("a")], 3n)]] },
    "past-end",
  ],
  ["arrays nested too deep", { metadata: [["k", nested(5)]] }, "nested-too-deep"],
  [
    "a key twice",
    {
      metadata: [
        ["k", u32(1)],
        ["k", u32(2)],
      ],
    },
    "duplicate-key",
  ],
  ["an empty key", { metadata: [["", u32(1)]] }, "bad-value"],
  ["a key that is too long", { metadata: [["k".repeat(65_536), u32(1)]] }, "name-too-long"],
  ["a bool of 2", { metadata: [["k", { type: "bool", value: 2 }]] }, "bad-value"],
  ["a tensor name twice", { tensors: [tensor("a"), tensor("a")] }, "duplicate-tensor", "a"],
  ["a name of 65 bytes", { tensors: [tensor("é".repeat(33))] }, "name-too-long"],
  ["5 dimensions", { tensors: [tensor("a", { shape: [32, 1, 1, 1, 1] })] }, "bad-shape", "a"],
  ["a zero dimension", { tensors: [tensor("a", { shape: [32, 0] })] }, "bad-shape", "a"],
  ["a shape that overflows", { tensors: [tensor("a", { shape: [2n ** 32n, 2n ** 32n] })] }, "bad-shape", "a"],
  [
    "a shape that wraps to zero",
    { tensors: [tensor("a", { shape: [2n ** 32n, 2n ** 32n, 2n ** 32n] })] },
    "bad-shape",
    "a",
  ],
  [
    "rows that end inside a block",
    { tensors: [tensor("a", { shape: [33, 32], type: 2 })] },
    "bad-shape",
    "a",
  ],
  ["a removed tensor type", { tensors: [tensor("a", { type: 4 })] }, "bad-type", "a"],
  ["an unknown tensor type", { tensors: [tensor("a", { type: 43 })] }, "bad-type", "a"],
  ["an alignment of 0", { metadata: [["general.alignment", u32(0)]] }, "bad-alignment"],
  ["an alignment of 24", { metadata: [["general.alignment", u32(24)]] }, "bad-alignment"],
  [
    "an alignment of another type",
    { metadata: [["general.alignment", { type: "u64", value: 32 }]] },
    "bad-alignment",
  ],
  ["a misaligned tensor", { tensors: [tensor("a"), tensor("b", { offset: 129n })] }, "misaligned", "b"],
  ["tensors that overlap", { tensors: [tensor("a"), tensor("b", { offset: 96n })] }, "overlap", "b"],
  ["tensors at one place", { tensors: [tensor("a"), tensor("b", { offset: 0n })] }, "overlap", "b"],
  ["a tensor that runs past the end", { tensors: [tensor("a", { sizeBytes: 127 })] }, "past-end", "a"],
  ["a tensor far past the end", { tensors: [tensor("a", { offset: 2n ** 64n - 32n })] }, "past-end", "a"],
  ["a tensor much larger than the file", { tensors: [tensor("a", { shape: [2n ** 62n] })] }, "past-end", "a"],
])("%s is refused", async (_, spec, code, name) => {
  expect(await read(spec)).toMatchObject(
    name === undefined ? { kind: "refused", code } : { kind: "refused", code, tensor: name },
  );
});

test("a value type that is none is refused", async () => {
  const bytes = writeGguf({ metadata: [["k", u32(1)]] });
  bytes[24 + 8 + 1] = 13;
  expect(await readGguf(sourceOfBytes(bytes))).toMatchObject({ code: "bad-type", offset: 33 });
});

test("a key that is not UTF-8 is refused", async () => {
  const bytes = writeGguf({ metadata: [["k", u32(1)]] });
  bytes[24 + 8] = 0xff;
  expect(await readGguf(sourceOfBytes(bytes))).toMatchObject({ code: "bad-text", offset: 24 });
});

test("a file cut at any byte is refused", async () => {
  for (const version of [1, 2, 3]) {
    const whole = writeGguf({
      version,
      metadata: [
        ["general.architecture", text("llama")],
        ["tokens", array("string", [text("a"), text("bc")])],
        ["flags", array("bool", [{ type: "bool", value: false }])],
        ["deep", nested(3)],
      ],
      tensors: [tensor("a"), tensor("b", { type: 2, shape: [64, 2], sizeBytes: 72 })],
    });
    expect(await readGguf(sourceOfBytes(whole))).toMatchObject({ kind: "gguf" });
    for (let length = 0; length < whole.length; length++) {
      const outcome = await readGguf(sourceOfBytes(whole.subarray(0, length)));
      expect(outcome.kind, `cut to ${length} of ${whole.length} bytes`).toBe("refused");
    }
  }
});
