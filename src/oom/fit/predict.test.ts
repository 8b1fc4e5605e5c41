import { describe, expect, test } from "vitest";
import { LLAMA as llama } from "../../../test/support/oom/llama.ts";
import { predict } from "./predict.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

describe("predict", () => {
  test("keys and values: the figure that llama.cpp prints for 8192 tokens is 1024 MiB", () => {
    const { kvBytes, weightsBytes, missing } = predict(llama, { contextTokens: 8192 });
    expect({ kvBytes, weightsBytes, missing }).toEqual({
      kvBytes: GIB,
      weightsBytes: 4_912_898_304,
      missing: [],
    });
    expect(predict(llama, { contextTokens: 8192, kvType: "q8_0" }).kvBytes).toBe((GIB / 2 / 32) * 34);
  });

  test("the parts add up, and the graph's buffers hold a row of the vocabulary a token", () => {
    const seen = predict(llama, { contextTokens: 4096 });
    expect(seen.totalBytes).toBe(seen.weightsBytes + seen.kvBytes + seen.overheadBytes);
    expect(seen.overheadBytes).toBe(64 * MIB + 512 * 4 * (128_256 + 12 * 4096 + 4096));
    expect(predict(llama, { contextTokens: 4096, batch: 1 }).overheadBytes).toBeLessThan(66 * MIB);
  });

  test("lengths that are stated come before the embedding's share; heads may differ by block", () => {
    const wide = { ...llama, key_length: 256, value_length: 128 };
    expect(predict(wide, { contextTokens: 8192 }).kvBytes).toBe(1.5 * GIB);
    const mixed = { ...llama, block_count: 4, head_count_kv: [8, 0, 8, 0] };
    expect(predict(mixed, { contextTokens: 8192 }).kvBytes).toBe(GIB / 16);
  });

  test("what is not stated is named, and never guessed silently", () => {
    expect(predict({ ...llama, block_count: null }, { contextTokens: 1 }).missing).toEqual(["block_count"]);
    const noHeads = { ...llama, head_count: null, head_count_kv: null };
    expect(predict(noHeads, { contextTokens: 1 }).missing).toEqual(["head_count"]);
    expect(predict({ ...llama, embedding_length: null }, { contextTokens: 1 }).missing).toEqual([
      "embedding_length",
    ]);
    const plain = predict({ ...llama, head_count_kv: null }, { contextTokens: 8192 });
    expect(plain.kvBytes).toBe(4 * GIB);
    expect(plain.assumptions.join("\n")).toMatch(/as many heads for keys and values/);
  });

  test("half of the blocks on the GPU take half of weights and cache there", () => {
    const { gpuBytes, weightsBytes, kvBytes } = predict(llama, { contextTokens: 8192, gpuLayers: 16 });
    const buffers = 512 * 4 * (128_256 + 12 * 4096 + 8192);
    expect(gpuBytes).toBe((weightsBytes + kvBytes) / 2 + buffers + 400 * MIB);
    expect(predict(llama, { contextTokens: 8192 }).gpuBytes).toBe(0);
  });
});
