import { expect, test } from "vitest";
import { TensorBudget } from "./budget.ts";
import { MAX_DIMENSIONS_KEPT, MAX_NAMES_BYTES, MAX_TENSORS } from "./limits.ts";

/** Adds tensors until one is refused; how many were taken. */
function takes(name: string, shape: (index: number) => readonly number[]): number {
  const budget = new TensorBudget();
  for (let index = 0; ; index++) {
    try {
      budget.add(name, budget.share(shape(index)));
    } catch (error) {
      expect(error).toMatchObject({ refusal: { kind: "refused", code: "too-many" } });
      return index;
    }
  }
}

test("every bound of a model's tensors is kept exactly", () => {
  expect(takes("t", () => [4, 4])).toBe(MAX_TENSORS);
  expect(takes("a".repeat(1024), () => [1])).toBe(MAX_NAMES_BYTES / 1024);
  expect(takes("\u0436".repeat(1024), () => [1])).toBe(MAX_NAMES_BYTES / 2048);
  // Equal shapes are one; the first 1024 different ones are shared, and cost nothing more.
  expect(takes("t", (index) => [index, 1, 1, 1])).toBe(1024 + MAX_DIMENSIONS_KEPT / 4);
});
