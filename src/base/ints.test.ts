import { expect, test } from "vitest";
import { intOf, isIntegerValue, readU64, sameInt, U64_MAX } from "./ints.ts";
import { type Json, parseJson } from "./json.ts";

test.each<[string, number | bigint]>([
  ["0", 0],
  ["7", 7],
  ["9007199254740991", 9007199254740991],
  ["9007199254740993", 9007199254740993n],
  ["18446744073709551615", U64_MAX],
  ["18446744073709551616", 0],
  ["-1", 0],
  ["-18446744073709551615", 0],
  ["-0", 0],
  ["1.5", 0],
  ["1.0", 0],
  ["1e3", 0],
  ["1e400", 0],
  ['"7"', 0],
  ["null", 0],
  ["true", 0],
  ["[]", 0],
])("as an unsigned 64-bit integer %s is %s", (text, expected) => {
  expect(readU64(parseJson(text))).toBe(expected);
});

test("a caller's own doubles are read exactly", () => {
  expect(readU64(2 ** 60)).toBe(2n ** 60n);
  expect(readU64(2 ** 64)).toBe(0);
  expect(Object.is(readU64(-0), 0)).toBe(true);
  expect(readU64(Number.NaN)).toBe(0);
  expect(readU64(undefined)).toBe(0);
});

test.each<[Json, boolean]>([
  [1, true],
  [-1, true],
  [2n ** 70n, true],
  [1.5, false],
  [parseJson("1.0"), false],
  ["1", false],
  [null, false],
])("integer: %s is %s", (value, expected) => {
  expect(isIntegerValue(value)).toBe(expected);
});

test("integers are the same however they are held", () => {
  expect([sameInt(1, 1n), sameInt(2n ** 53n, 2 ** 53), sameInt(2n ** 53n + 1n, 2 ** 53)]).toEqual([
    true,
    true,
    false,
  ]);
  expect([intOf(5n), intOf(-5n), intOf(2n ** 53n)]).toEqual([5, -5, 2n ** 53n]);
});
