import fc from "fast-check";
import { expect, test } from "vitest";
import { AprError } from "./errors.ts";
import { formatBytes, formatDuration, parseBytes, parseDuration } from "./units.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [2 * 1024 ** 2, "2 MiB"],
  [2 * 1024 ** 2 + 1, "2.0 MiB"],
  [64 * 1024 ** 2, "64 MiB"],
  [64 * 1024 ** 2 + 300, "64 MiB"],
  [16_965_120_000, "15.8 GiB"],
  [737 * 1024 ** 2 + 5, "737 MiB"],
  [1024 ** 2 - 1, "1.0 MiB"],
  [1024 ** 3 - 1, "1.0 GiB"],
  [-2048, "-2 KiB"],
  [Number.NaN, "unknown"],
])("formatBytes(%d) is %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0 ms"],
  [0.42, "0.4 ms"],
  [2, "2 ms"],
  [999.4, "999 ms"],
  [999.6, "1.0 s"],
  [1234, "1.2 s"],
  [9000, "9 s"],
  [12_345, "12.3 s"],
  [59_990, "1 min"],
  [125_000, "2 min 5 s"],
  [3_900_000, "1 h 5 min"],
])("formatDuration(%d) is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  ["4096", 4096],
  ["0", 0],
  ["64MiB", 64 * 1024 ** 2],
  ["64 mib", 64 * 1024 ** 2],
  ["1.5G", 1.5 * 1024 ** 3],
  ["1.5GB", 1_500_000_000],
  ["10k", 10_240],
  ["0.3K", 307],
  ["2T", 2 * 1024 ** 4],
])("parseBytes(%s) is %d", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each([
  ["500ms", 500],
  ["2s", 2000],
  ["0.5s", 500],
  ["1m", 60_000],
  ["1min", 60_000],
  ["1h", 3_600_000],
])("parseDuration(%s) is %d", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

const refused = [
  "",
  " ",
  "-1",
  "1e3",
  "x",
  "1.",
  ".5",
  "1 2",
  "0x10",
  "99P",
  "1Z",
  "constructor",
  "1toString",
  "NaN",
];

test.each([...refused, "5s"])("parseBytes refuses %j", (text) => {
  expect(() => parseBytes(text)).toThrow(AprError);
});

test.each([...refused, "5", "5KiB"])("parseDuration refuses %j", (text) => {
  expect(() => parseDuration(text)).toThrow(AprError);
});

test("whole byte counts read back as they are written", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseBytes(String(bytes)) === bytes));
});

test("a formatted size is within half a unit of its last digit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (bytes) => {
      const shown = parseBytes(formatBytes(bytes));
      expect(Math.abs(shown - bytes) / bytes).toBeLessThanOrEqual(0.051);
    }),
  );
});
