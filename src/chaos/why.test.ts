import { expect, test } from "vitest";
import { whyItMatters } from "./why.ts";

test("the first failure that has a reason to give speaks", () => {
  expect(whyItMatters(["not-fired", "clobbered", "orphan"])).toBe(
    "the file that was there is lost or changed",
  );
});

test("nothing failed, nothing to say", () => {
  expect(whyItMatters([])).toBe("");
  expect(whyItMatters(["toString", "not-fired"])).toBe("");
});
