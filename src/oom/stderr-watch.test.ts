import fc from "fast-check";
import { expect, test } from "vitest";
import { StderrWatch } from "./stderr-watch.ts";

const LLAMA =
  "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 144817.04 MiB on device 0: cudaMalloc failed: out of memory\nalloc_tensor_range: failed to allocate CUDA0 buffer of size 151851674624\n";

test("a message is found once, whole, wherever the pieces are cut", () => {
  const bytes = Buffer.from(`noise é ${"x".repeat(300)}\n${LLAMA}MemoryError\nMemoryError is\nbye`);
  const cuts = fc.array(fc.integer({ min: 1, max: bytes.length }), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (places) => {
      const watch = new StderrWatch();
      const sorted = [0, ...places.sort((a, b) => a - b), bytes.length];
      for (let at = 1; at < sorted.length; at++) watch.add(bytes.subarray(sorted[at - 1], sorted[at]));
      expect(watch.words().map(({ tool, requestedBytes }) => [tool, requestedBytes])).toEqual([
        ["llama.cpp-cuda", 151_851_674_624],
        ["python", undefined],
      ]);
      expect(watch.text()).toBe(bytes.toString());
      expect(watch.atLineStart).toBe(false);
    }),
  );
});

test("figures that stand before a message stay, however much comes after it", () => {
  const watch = new StderrWatch();
  watch.add(Buffer.from("[1:0x1] 820 ms: Mark-Compact 29.9 (42.2) -> 29.0 (41.5) MB, 12 ms\n\n"));
  watch.add(
    Buffer.from("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n"),
  );
  for (let line = 0; line < 100; line++)
    watch.add(Buffer.from(`${line}: 0x195e476 [node] ${"y".repeat(20)}\n`));
  expect(watch.words()).toMatchObject([{ tool: "node", usedBytes: 29 * 2 ** 20 }]);
});

test("of 100 MB the end is kept, and an early message all the same", () => {
  const watch = new StderrWatch();
  watch.add(Buffer.from("MemoryError\n"));
  const piece = Buffer.from(`${"all is well with the room ".repeat(2500)}\n`);
  for (let total = 0; total < 100e6; total += piece.length) watch.add(piece);
  watch.add(Buffer.from("the end\n"));
  expect(watch.text().length).toBeLessThanOrEqual(256 * 1024);
  expect(watch.text().endsWith("the end\n")).toBe(true);
  expect(watch.words()).toHaveLength(1);
  expect(watch.atLineStart).toBe(true);
});
