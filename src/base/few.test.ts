import { expect, test } from "vitest";
import { Few } from "./few.ts";

test("what comes and goes stays in order", () => {
  const few = new Few<string>();
  for (const each of ["a", "b", "c", "d"]) few.add(each);
  expect(few.delete("b")).toBe(true);
  expect(few.delete("b")).toBe(false);
  expect([few.has("b"), few.has("d")]).toEqual([false, true]);
  few.add("b");
  expect(few.all).toEqual(["a", "c", "d", "b"]);
  expect(few.delete("b")).toBe(true);
  expect(few.delete("a")).toBe(true);
  expect([...few.all, few.size]).toEqual(["c", "d", 2]);
});
