import { describe, expect, test } from "vitest";
import { type Json, parseJson } from "../base/json.ts";
import { judgeContract } from "./judge.ts";
import { oomContract, oomEvidence } from "./oom.ts";
import {
  classifyOomBreadcrumb,
  classifyOomInvariants,
  classifyOomSchema,
  classifyOomSize,
} from "./oom-outcomes.ts";
import {
  breadcrumbPaths,
  OOM_REPORT_MAX_OPS,
  OOM_REPORT_MAX_SIZE_BYTES,
  OOM_REPORT_REQUIRED_KEYS,
} from "./oom-report.ts";

const sound: Readonly<Record<string, Json>> = {
  peak_allocated_bytes: 2_000_000,
  peak_reserved_bytes: 3_000_000,
  largest_alloc_stack: ["main", "load", "malloc"],
  tensor_histogram: { "<64KiB": 12, ">=1MiB": 1 },
  last_100_ops: [{ op: "matmul", bytes: 4096, ts_ns: 1 }],
  exit_code: 137,
  timestamp: "2026-04-21T18:30:00Z",
};

const changed = (change: Readonly<Record<string, Json>>): Json => ({ ...sound, ...change });
const without = (key: string): Json =>
  Object.fromEntries(Object.entries(sound).filter(([name]) => name !== key));
const ops = (count: number): Json =>
  Array.from({ length: count }, (_, index) => ({ op: "x", bytes: 1, ts_ns: index }));

describe("schema", () => {
  test.each(OOM_REPORT_REQUIRED_KEYS)("%s must be there", (key) => {
    expect(classifyOomSchema(without(key))).toEqual({ kind: "missing-required-key", key });
  });

  test.each<[string, Json, object]>([
    ["a sound report", sound, { kind: "ok" }],
    ["an array", ["not", "an object"], { kind: "not-an-object" }],
    ["a kept number", parseJson("1.0"), { kind: "not-an-object" }],
    [
      "text as allocated peak",
      changed({ peak_allocated_bytes: "n" }),
      { kind: "peak-bytes-not-number", key: "peak_allocated_bytes" },
    ],
    [
      "null as reserved peak",
      changed({ peak_reserved_bytes: null }),
      { kind: "peak-bytes-not-number", key: "peak_reserved_bytes" },
    ],
    ["a float as peak", changed({ peak_reserved_bytes: parseJson("3e6") }), { kind: "ok" }],
    ["a number in the stack", changed({ largest_alloc_stack: ["f", 7] }), { kind: "stack-not-string-array" }],
    ["a stack of one string", changed({ largest_alloc_stack: "f" }), { kind: "stack-not-string-array" }],
    ["a histogram array", changed({ tensor_histogram: [1] }), { kind: "histogram-not-object" }],
    ["an object of operations", changed({ last_100_ops: { op: "x" } }), { kind: "ops-not-array" }],
    ["a text exit code", changed({ exit_code: "137" }), { kind: "exit-code-not-number" }],
    ["a numeric timestamp", changed({ timestamp: 1_745_000_000 }), { kind: "timestamp-not-string" }],
  ])("%s", (_name, report, outcome) => {
    expect(classifyOomSchema(report)).toEqual(outcome);
  });

  test("an inherited key does not count", () => {
    expect(classifyOomSchema(Object.create(sound) as Json)).toMatchObject({ kind: "missing-required-key" });
  });
});

describe("invariants", () => {
  test.each<[string, Json, object]>([
    ["a sound report", sound, { kind: "ok" }],
    ["equal peaks", changed({ peak_reserved_bytes: 2_000_000 }), { kind: "ok" }],
    [
      "less reserved than allocated",
      changed({ peak_reserved_bytes: 1_000_000 }),
      { kind: "reserved-less-than-allocated", reserved: 1_000_000, allocated: 2_000_000 },
    ],
    [
      "the same, one apart above 2^53",
      changed({ peak_allocated_bytes: 2n ** 64n - 1n, peak_reserved_bytes: 2n ** 64n - 2n }),
      { kind: "reserved-less-than-allocated", reserved: 2n ** 64n - 2n, allocated: 2n ** 64n - 1n },
    ],
    [
      "a peak written as a float, which reads as 0",
      changed({ peak_reserved_bytes: parseJson("3000000.0") }),
      { kind: "reserved-less-than-allocated", reserved: 0, allocated: 2_000_000 },
    ],
    ["a negative peak, which reads as 0", changed({ peak_allocated_bytes: -5 }), { kind: "ok" }],
    ["100 operations", changed({ last_100_ops: ops(OOM_REPORT_MAX_OPS) }), { kind: "ok" }],
    ["101 operations", changed({ last_100_ops: ops(101) }), { kind: "too-many-ops", got: 101 }],
    ["no bucket", changed({ tensor_histogram: {} }), { kind: "empty-histogram" }],
    ["no frame", changed({ largest_alloc_stack: [] }), { kind: "empty-stack" }],
    ["exit code 0", changed({ exit_code: 0 }), { kind: "silent-exit-code" }],
    ["exit code 0.0, no integer", changed({ exit_code: parseJson("0.0") }), { kind: "ok" }],
    ...[1, 137, 139, -1].map((code): [string, Json, object] => [
      `exit code ${code}`,
      changed({ exit_code: code }),
      { kind: "ok" },
    ]),
  ])("%s", (_name, report, outcome) => {
    expect(classifyOomInvariants(report)).toEqual(outcome);
  });

  test.each<Json>([null, 3, "x", [], {}])("total over %j", (report) => {
    expect(classifyOomInvariants(report)).toEqual({ kind: "ok" });
  });
});

describe("size", () => {
  const cap = OOM_REPORT_MAX_SIZE_BYTES;
  test.each([0, 100, cap - 1])("%i bytes pass", (bytes) => {
    expect(classifyOomSize(bytes)).toEqual({ kind: "ok", bytes });
  });
  test.each([cap, cap + 1, 2n ** 63n])("%s bytes fail", (bytes) => {
    expect(classifyOomSize(bytes)).toEqual({ kind: "too-large", bytes, cap_bytes: 10_485_760 });
  });
});

describe("breadcrumb", () => {
  test("found among other lines", () => {
    expect(classifyOomBreadcrumb("a\nOOM_REPORT path=/tmp/apr-oom-17.json\nb\n")).toEqual({
      kind: "ok",
      path: "/tmp/apr-oom-17.json",
    });
  });
  test("not there", () => {
    expect(classifyOomBreadcrumb("nothing here")).toEqual({ kind: "not-found" });
  });
  test.each(["/var/log/apr-oom-1.json", "/tmp/apr-oom-abc.json", "/tmp/apr-oom-.json", "/tmp/apr-oom-1.txt"])(
    "%s is no report path",
    (got) => {
      expect(classifyOomBreadcrumb(`OOM_REPORT path=${got}\n`)).toEqual({ kind: "malformed-path", got });
    },
  );
  test("a carriage return is dropped only before a line feed", () => {
    expect(breadcrumbPaths("OOM_REPORT path=a\r\nOOM_REPORT path=b\r")).toEqual(["a", "b\r"]);
    expect(
      breadcrumbPaths("OOM_REPORT path=\r\n\nx OOM_REPORT path=c\nOOM_REPORT path=OOM_REPORT path=d"),
    ).toEqual(["", "OOM_REPORT path=d"]);
  });
  test("a caller without types learns what is wrong", () => {
    expect(() => classifyOomBreadcrumb(7 as unknown as string)).toThrow("malformed-evidence stderr");
  });
});

describe("the whole contract", () => {
  test("a report that fails its schema leaves what needs it inconclusive", () => {
    const verdicts = judgeContract(oomContract, { report: {}, bytes: 2, stderr: "" }, "captured");
    expect(verdicts.map(({ gate, verdict, reason }) => [gate.split("/")[1], verdict, reason?.code])).toEqual([
      ["size", "pass", undefined],
      ["schema", "fail", "missing-required-key"],
      ["invariants", "inconclusive", "forerunner-failed"],
      ["breadcrumb", "fail", "not-found"],
      ["APR-F-13-TYPES", "inconclusive", "forerunner-failed"],
      ["APR-F-13-TIME", "inconclusive", "forerunner-failed"],
      ["APR-F-13-ONE", "fail", "breadcrumb-count"],
      ["APR-F-13-FILE", "inconclusive", "forerunner-failed"],
      ["APR-F-13-PROVENANCE", "fail", "no-provenance"],
    ]);
    expect(verdicts[2]?.reason).toEqual({ code: "forerunner-failed", gate: "crux-f-13/schema" });
  });

  test.each<[string, Json, Json]>([
    ["a report", sound, { report: sound }],
    ["evidence with its report", { report: sound, stderr: "x" }, { report: sound, stderr: "x" }],
    ["evidence without a report", { stderr: "x" }, { stderr: "x" }],
    ["a report with a key of ours", changed({ bytes: 1 }), { report: changed({ bytes: 1 }) }],
    ["an empty report", {}, { report: {} }],
    ["no object", [1], { report: [1] }],
  ])("%s is read as evidence", (_name, document, evidence) => {
    expect(oomEvidence(document)).toEqual(evidence);
  });
});
