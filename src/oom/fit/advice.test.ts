import { describe, expect, test } from "vitest";
import { LLAMA } from "../../../test/support/oom/llama.ts";
import { fit } from "./advice.ts";
import { type FitFacts, predict } from "./predict.ts";

const GIB = 1024 ** 3;

/** The same model in F16. */
const llama: FitFacts & { parameters: number } = {
  ...LLAMA,
  parameters: 8_030_261_248,
  tensor_bytes: 16_060_522_496,
};

describe("fit", () => {
  test("what fits needs no change, and says how far the context may go", () => {
    const found = fit(llama, { contextTokens: 8192 }, 24 * GIB);
    expect(found.fits).toBe(true);
    expect(found.changes).toEqual([]);
    const longest = found.longestContext ?? 0;
    expect(longest).toBeGreaterThan(8192);
    const total = (contextTokens: number): number => predict(llama, { contextTokens }).totalBytes;
    expect(total(longest)).toBeLessThanOrEqual(24 * GIB);
    expect(total(longest + 256)).toBeGreaterThan(24 * GIB);
  });

  test("every change that is proposed makes it fit, by itself", () => {
    const options = { contextTokens: 32_768 };
    const most = 18 * GIB;
    const { fits, changes } = fit(llama, options, most);
    expect(fits).toBe(false);
    expect(changes.map(({ kind }) => kind)).toEqual(["kv-type", "quantization", "context"]);
    for (const change of changes) expect(change.bytes).toBeLessThanOrEqual(most);
    const kv = changes.find((change) => change.kind === "kv-type");
    expect(kv && predict(llama, { ...options, kvType: kv.kvType }).totalBytes).toBe(kv?.bytes);
  });

  test("with layers on a GPU its part is judged, and fewer layers are proposed", () => {
    const { fits, changes } = fit(llama, { contextTokens: 8192, gpuLayers: 32 }, 10 * GIB);
    expect(fits).toBe(false);
    const layers = changes.find(({ kind }) => kind === "gpu-layers");
    if (layers?.kind !== "gpu-layers") throw new Error("no change of layers");
    const gpu = (gpuLayers: number): number => predict(llama, { contextTokens: 8192, gpuLayers }).gpuBytes;
    expect(gpu(layers.gpuLayers)).toBeLessThanOrEqual(10 * GIB);
    expect(gpu(layers.gpuLayers + 1)).toBeGreaterThan(10 * GIB);
  });

  test("what the model does not state is no yes and no no; what cannot fit has no change", () => {
    expect(fit({ ...llama, block_count: null }, { contextTokens: 1 }, 1024 * GIB).fits).toBeNull();
    expect(fit(llama, { contextTokens: 1 }, null).fits).toBeNull();
    expect(fit(llama, { contextTokens: 512 }, 1024).changes).toEqual([]);
  });
});
