import { describe, expect, test } from "vitest";
import { type Json, parseJson } from "../base/json.ts";
import {
  AC_CHAOS_DISK_KEYWORDS,
  AC_CHAOS_OOM_KEYWORDS,
  AC_CHAOS_RSS_MULTIPLIER,
  AC_CHAOS_RSS_OVERHEAD_BYTES,
  AC_CHAOS_SIGINT_EXIT_CODE,
  AC_CHAOS_SIGINT_MAX_RESPONSE_MS,
  AC_CHAOS_SIGSEGV_EXIT_CODE,
  memoryBudgetBytes,
} from "./chaos-limits.ts";
import {
  verdictFromDiskExhaustion,
  verdictFromGracefulOom,
  verdictFromMemoryBudget,
  verdictFromOverwriteProtection,
  verdictFromSignalHandling,
} from "./chaos-verdicts.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

test("the contract's figures", () => {
  expect([
    AC_CHAOS_RSS_MULTIPLIER,
    AC_CHAOS_RSS_OVERHEAD_BYTES,
    AC_CHAOS_SIGINT_EXIT_CODE,
    AC_CHAOS_SIGSEGV_EXIT_CODE,
    AC_CHAOS_SIGINT_MAX_RESPONSE_MS,
  ]).toEqual([3, 536_870_912, 130, 139, 2000]);
  expect(AC_CHAOS_OOM_KEYWORDS).toEqual(["memory", "oom", "allocation"]);
  expect(AC_CHAOS_DISK_KEYWORDS).toEqual(["disk", "space", "write"]);
});

describe("memory budget", () => {
  const budget = 3 * GIB + 512 * MIB;
  test.each<[number | bigint, number | bigint, string]>([
    [2 * GIB, GIB, "pass"],
    [budget - 1, GIB, "pass"],
    [budget, GIB, "fail"],
    [50 * GIB, GIB, "fail"],
    [15 * GIB - 1, 5 * GIB, "pass"],
    [13 * GIB, 5 * GIB, "pass"],
    [500 * GIB, 5 * GIB, "fail"],
    // Doubles would call these two equal.
    [3n * (2n ** 61n + 1n) + 536_870_911n, 2n ** 61n + 1n, "pass"],
    [3n * (2n ** 61n + 1n) + 536_870_912n, 2n ** 61n + 1n, "fail"],
    [2n ** 64n - 1n, 2n ** 64n - 1n, "pass"],
  ])("%s bytes for a model of %s: %s", (peak, model, verdict) => {
    expect(verdictFromMemoryBudget(peak, model)).toBe(verdict);
  });

  test.each<[string, number | bigint]>([
    ["0", 536_870_912],
    ["-1", 536_870_912],
    ["1.0", 536_870_912],
    ["3002399751580330", 9_007_199_791_611_902],
    ["3002399751580331", 9_007_199_791_611_905n],
    ["18446744073709551615", 55_340_232_221_665_525_757n],
  ])("the budget of a model of %s bytes", (model, bytes) => {
    expect(BigInt(memoryBudgetBytes(parseJson(model)) as number)).toBe(BigInt(bytes));
  });
});

test.each<[number, string, string]>([
  [1, "Error: out of memory", "pass"],
  [1, "Error: failed allocation", "pass"],
  [2, "OOM detected", "pass"],
  [139, "out of memory", "fail"],
  [0, "memory exhausted", "fail"],
  [1, "Error: file not found", "fail"],
])("graceful OOM: exit %i, %j: %s", (exitCode, stderr, verdict) => {
  expect(verdictFromGracefulOom(exitCode, stderr)).toBe(verdict);
});

test.each<[number, number, boolean, string]>([
  [130, 500, false, "pass"],
  [130, 1999, false, "pass"],
  [0, 500, false, "fail"],
  [130, 2000, false, "fail"],
  [130, 500, true, "fail"],
])("signal handling: exit %i after %i ms, corrupt %s: %s", (exitCode, ms, corrupt, verdict) => {
  expect(verdictFromSignalHandling(exitCode, ms, corrupt)).toBe(verdict);
});

test.each<[boolean, boolean, number, string]>([
  [false, false, 0, "pass"],
  [true, true, 0, "pass"],
  [true, false, 1, "pass"],
  [true, false, 0, "fail"],
])("overwrite protection: existed %s, forced %s, exit %i: %s", (existed, force, exitCode, verdict) => {
  expect(verdictFromOverwriteProtection(existed, force, exitCode)).toBe(verdict);
});

test.each<[number, string, string]>([
  [1, "Error: no disk space", "pass"],
  [1, "No space left on device", "pass"],
  [28, "Error: write failed", "pass"],
  [0, "Error: no space left", "fail"],
  [1, "Error: tensor mismatch", "fail"],
])("disk exhaustion: exit %i, %j: %s", (exitCode, stderr, verdict) => {
  expect(verdictFromDiskExhaustion(exitCode, stderr)).toBe(verdict);
});

test("a caller without types learns which argument is wrong", () => {
  expect(() => verdictFromGracefulOom("1" as unknown as number, "")).toThrow(
    "apr-qa-chaos-v1/F-CHAOS-002: malformed-evidence exit_code",
  );
  const missing = undefined as unknown as Json as string;
  expect(() => verdictFromDiskExhaustion(1, missing)).toThrow("missing-evidence stderr");
});
