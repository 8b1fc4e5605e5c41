import { expect, test } from "vitest";
import { contentRangeOf, isKnown, rangeCounts, rangeOf } from "./range.ts";

const part = (offsetBytes: number, sizeBytes: number): object => ({ kind: "part", offsetBytes, sizeBytes });

test.each([
  [undefined, { kind: "whole" }],
  ["bytes=0-0", part(0, 1)],
  ["bytes=10-19", part(10, 10)],
  ["bytes=90-", part(90, 10)],
  ["bytes=90-999999999999999", part(90, 10)],
  ["bytes=-5", part(95, 5)],
  ["bytes=-500", part(0, 100)],
  ["bytes=99-99", part(99, 1)],
  ["bytes=100-", { kind: "none" }],
  ["bytes=100-200", { kind: "none" }],
  ["bytes=-0", { kind: "none" }],
  // Not one range of bytes: the whole.
  ["bytes=0-1,3-4", { kind: "whole" }],
  [`bytes=${"0-0,".repeat(1000)}1-1`, { kind: "whole" }],
  ["bytes=5-2", { kind: "whole" }],
  ["bytes=-", { kind: "whole" }],
  ["bytes=a-b", { kind: "whole" }],
  ["items=0-1", { kind: "whole" }],
  [`bytes=${"9".repeat(400)}-`, { kind: "whole" }],
])("Range %s of 100 bytes", (header, outcome) => {
  expect(rangeOf(header, 100)).toEqual(outcome);
});

test("no range of an empty file can be met", () => {
  expect(rangeOf("bytes=0-", 0)).toEqual({ kind: "none" });
  expect(rangeOf("bytes=-1", 0)).toEqual({ kind: "none" });
  expect(rangeOf(undefined, 0)).toEqual({ kind: "whole" });
});

test("a range counts only for the version that it was asked for", () => {
  expect(rangeCounts(undefined, '"a"')).toBe(true);
  expect(rangeCounts('"a"', '"a"')).toBe(true);
  expect(rangeCounts('"b"', '"a"')).toBe(false);
  expect(rangeCounts('W/"a"', '"a"')).toBe(false);
  expect(rangeCounts("Wed, 21 Oct 2015 07:28:00 GMT", '"a"')).toBe(false);
  expect(isKnown('"x", W/"a"', '"a"')).toBe(true);
  expect(isKnown("*", '"a"')).toBe(true);
  expect(isKnown('"b"', '"a"')).toBe(false);
});

test.each([
  [undefined, { kind: "next" }],
  ["0-9", { kind: "at", offsetBytes: 0, sizeBytes: 10 }],
  ["bytes 10-19/100", { kind: "at", offsetBytes: 10, sizeBytes: 10 }],
  ["bytes 10-19/*", { kind: "at", offsetBytes: 10, sizeBytes: 10 }],
  ["9-0", { kind: "bad" }],
  ["bytes */100", { kind: "bad" }],
  ["", { kind: "bad" }],
  ["-5", { kind: "bad" }],
])("Content-Range %s", (header, outcome) => {
  expect(contentRangeOf(header)).toEqual(outcome);
});
