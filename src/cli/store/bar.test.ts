import { expect, test } from "vitest";
import { barText, secondsText } from "./bar.ts";

const MIB = 1024 * 1024;

test.each([
  [50 * MIB, 100 * MIB, 1000, `${"█".repeat(14)}${"░".repeat(14)}  50 % of 100 MiB  50 MiB/s  1 s left`],
  [100 * MIB, 0, 2000, "100 MiB  50 MiB/s"],
  [200 * MIB, 100 * MIB, 1000, `${"█".repeat(28)}  100 % of 100 MiB  200 MiB/s  0 s left`],
])("%d of %d bytes in %d ms: %s", (done, all, ms, text) => {
  expect(barText(done, all, ms)).toBe(text);
});

test.each([
  [5, "5 s"],
  [182, "3 min 2 s"],
  [7500, "2 h 5 min"],
])("%d seconds are %s", (count, text) => {
  expect(secondsText(count)).toBe(text);
});
