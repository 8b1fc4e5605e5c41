import { describe, expect, test } from "vitest";
import { judgeDocument } from "./judge.ts";
import {
  AC_GPUTRAIN_007_REQUIRED_VERSION_JSON_KEYS,
  verdictFromVersionJsonFields,
  verdictFromVersionJsonKeys,
  versionContract,
} from "./version.ts";

const keys = ["cuda_feature", "cuda_runtime_available", "visible_devices"];
const devices = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}:device`);

test("the three required keys", () => {
  expect(AC_GPUTRAIN_007_REQUIRED_VERSION_JSON_KEYS).toEqual(keys);
});

test.each<[string[], string]>([
  [keys, "pass"],
  [[...keys, "version", "tensorrt_feature"], "pass"],
  [keys.slice(1), "fail"],
  [keys.slice(0, 2), "fail"],
  [[], "fail"],
  [["version"], "fail"],
])("keys %j: %s", (present, verdict) => {
  expect(verdictFromVersionJsonKeys(present)).toBe(verdict);
});

test.each<[boolean, boolean, number, string]>([
  [false, false, 0, "pass"],
  [false, true, 1, "pass"],
  [true, true, 2, "pass"],
  [true, true, 16, "pass"],
  [true, true, 17, "fail"],
  [true, true, 100, "fail"],
  [true, false, 0, "fail"],
  [true, false, 1, "fail"],
])("feature %s, runtime %s, %i devices: %s", (feature, runtime, count, verdict) => {
  const fields = {
    cuda_feature: feature,
    cuda_runtime_available: runtime,
    visible_devices: devices(count),
  };
  expect(verdictFromVersionJsonFields(fields)).toBe(verdict);
});

describe("a captured version report", () => {
  test("its keys are read off it", () => {
    const report = { version: "1", cuda_feature: true, cuda_runtime_available: true };
    expect(judgeDocument(versionContract, report, "captured").map(({ reason }) => reason)).toEqual([
      { code: "missing-required-key", key: "visible_devices" },
      { code: "missing-evidence", field: "visible_devices" },
    ]);
  });

  test("evidence by gate is taken as it is", () => {
    const document = {
      keys: { present_keys: keys },
      fields: { cuda_feature: true, cuda_runtime_available: false, visible_devices: [] },
    };
    expect(judgeDocument(versionContract, document, "captured").map(({ verdict }) => verdict)).toEqual([
      "pass",
      "fail",
    ]);
  });

  test.each([[null], [[1]], ["x"]])("%j is malformed", (document) => {
    expect(judgeDocument(versionContract, document, "captured").map(({ verdict }) => verdict)).toEqual([
      "inconclusive",
      "inconclusive",
    ]);
  });
});
