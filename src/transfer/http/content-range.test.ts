import { expect, test } from "vitest";
import { parseContentRange, parseLength, parseUnsatisfied } from "./content-range.ts";

test.each([
  ["bytes 0-99/1000", { firstByte: 0, lastByte: 99, totalBytes: 1000 }],
  ["Bytes 5-5/6", { firstByte: 5, lastByte: 5, totalBytes: 6 }],
  ["bytes 0-99/*", { firstByte: 0, lastByte: 99, totalBytes: null }],
  [
    "bytes 42949672960-42949672961/42949672962",
    { firstByte: 42949672960, lastByte: 42949672961, totalBytes: 42949672962 },
  ],
])("reads %s", (text, range) => {
  expect(parseContentRange(text)).toEqual(range);
});

test.each([
  undefined,
  "",
  "bytes",
  "bytes */1000",
  "bytes 0-99",
  "bytes 99-0/1000",
  "bytes 0-1000/1000",
  "bytes 0-99/99",
  "bytes -1-99/1000",
  "bytes 0-99/1e3",
  "bytes 0x0-99/1000",
  "bytes 0 - 99/1000",
  "bytes  0-99/1000",
  "bytes=0-99/1000",
  "items 0-99/1000",
  "bytes 0-99/1000, bytes 0-99/1000",
  "bytes 0-99/1000 ",
  "bytes 9007199254740991-9007199254740992/9007199254740993",
  "bytes 0-99/99999999999999999",
])("refuses %s", (text) => {
  expect(parseContentRange(text)).toBeNull();
});

test("a length is digits and nothing else", () => {
  expect(parseLength("0")).toBe(0);
  expect(parseLength("12")).toBe(12);
  for (const text of [undefined, "", "-1", "+1", "1.0", "1e3", "12, 12", " 12", "99999999999999999"]) {
    expect(parseLength(text), text).toBeNull();
  }
  expect(parseUnsatisfied("bytes */12")).toBe(12);
  expect(parseUnsatisfied("bytes 0-1/12")).toBeNull();
  expect(parseUnsatisfied(undefined)).toBeNull();
});
