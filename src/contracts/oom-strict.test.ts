import { describe, expect, test } from "vitest";
import { type Json, parseJson } from "../base/json.ts";
import { judgeGate } from "./judge.ts";
import { OOM_REPORT_REQUIRED_KEYS } from "./oom-report.ts";
import { findGate } from "./registry.ts";
import { isRfc3339 } from "./rfc3339.ts";

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
function judge(name: string, evidence: Json): Json {
  const gate = findGate(name);
  if (gate === undefined) throw new Error(`no gate ${name}`);
  return judgeGate(gate, evidence, "captured").reason;
}

describe("APR-F-13-TYPES", () => {
  const big = parseJson("1745000000123456789");
  test.each<[string, Json, string | null]>([
    ["a sound report", sound, null],
    ["times above 2^53", changed({ last_100_ops: [{ op: "x", bytes: 0, ts_ns: big }] }), null],
    ["a negative exit code", changed({ exit_code: -1 }), null],
    ["a negative peak", changed({ peak_allocated_bytes: -5 }), "$.peak_allocated_bytes"],
    ["a peak of 2^53", changed({ peak_reserved_bytes: 2n ** 53n }), "$.peak_reserved_bytes"],
    ["a float as peak", changed({ peak_reserved_bytes: parseJson("3e6") }), "$.peak_reserved_bytes"],
    ["a fractional exit code", changed({ exit_code: 1.5 }), "$.exit_code"],
    [
      "a fractional count",
      changed({ tensor_histogram: { a: 1, "<1KiB": 0.5 } }),
      '$.tensor_histogram["<1KiB"]',
    ],
    ["an operation that is none", changed({ last_100_ops: [1] }), "$.last_100_ops[0]"],
    [
      "an operation without a name",
      changed({ last_100_ops: [{ op: "", bytes: 1, ts_ns: 1 }] }),
      "$.last_100_ops[0].op",
    ],
    [
      "negative bytes",
      changed({ last_100_ops: [{ op: "x", bytes: -1, ts_ns: 1 }] }),
      "$.last_100_ops[0].bytes",
    ],
    [
      "time that decreases",
      changed({
        last_100_ops: [
          { op: "x", bytes: 1, ts_ns: 2 },
          { op: "x", bytes: 1, ts_ns: 1 },
        ],
      }),
      "$.last_100_ops[1].ts_ns",
    ],
    [
      "time that stands still",
      changed({
        last_100_ops: [
          { op: "x", bytes: 1, ts_ns: 2 },
          { op: "x", bytes: 1, ts_ns: 2 },
        ],
      }),
      null,
    ],
  ])("%s", (_name, report, path) => {
    expect(judge("APR-F-13-TYPES", { report })).toEqual(path === null ? null : { code: "bad-type", path });
  });
});

describe("APR-F-13-TIME", () => {
  test.each([
    "2026-04-21T18:30:00Z",
    "2026-04-21t18:30:00.123456789z",
    "2024-02-29T00:00:00+14:00",
    "2000-02-29T00:00:00-00:00",
    "2016-12-31T23:59:60Z",
    "1990-12-31T15:59:60-08:00",
    "2017-01-01T00:59:60.5+01:00",
  ])("%s is a time", (text) => {
    expect(isRfc3339(text)).toBe(true);
    expect(judge("APR-F-13-TIME", { report: changed({ timestamp: text }) })).toBeNull();
  });
  test.each([
    "",
    "2026-04-21",
    "2026-04-21 18:30:00Z",
    "2026-04-21T18:30:00",
    "2026-04-21T18:30Z",
    "2026-04-21T24:00:00Z",
    "2026-04-21T18:60:00Z",
    "2026-04-21T18:30:61Z",
    "2026-04-21T18:30:60Z",
    "2016-12-30T23:59:60Z",
    "2016-12-31T23:59:60+01:00",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-13-10T00:00:00Z",
    "2026-04-00T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-04-21T18:30:00+24:00",
    "2026-04-21T18:30:00+01:60",
    "2026-04-21T18:30:00+0100",
    "2026-04-21T18:30:00.Z",
    "26-04-21T18:30:00Z",
    "2026-04-21T18:30:00Z\n",
    "٢٠٢٦-04-21T18:30:00Z",
  ])("%j is none", (text) => {
    expect(judge("APR-F-13-TIME", { report: changed({ timestamp: text }) })).toEqual({
      code: "bad-timestamp",
    });
  });
});

describe("the other strict gates", () => {
  const line = "OOM_REPORT path=/tmp/apr-oom-1.json\n";
  test.each([
    ["", 0],
    [line + line, 2],
  ])("APR-F-13-ONE counts lines in %j", (stderr, got) => {
    expect(judge("APR-F-13-ONE", { stderr })).toEqual({ code: "breadcrumb-count", got });
  });
  test("APR-F-13-ONE accepts one line", () => {
    expect(judge("APR-F-13-ONE", { stderr: `x\n${line}` })).toBeNull();
  });

  const path = "/tmp/apr-oom-1.json";
  const file = { path, kind: "file", uid: 1000, mode: 0o600 };
  test.each<[string, object, string | null]>([
    ["the caller's own private file", {}, null],
    ["another file", { path: "/tmp/apr-oom-2.json" }, "wrong-file"],
    ["a symbolic link", { kind: "link" }, "unsafe-file"],
    ["somebody else's file", { uid: 0 }, "unsafe-file"],
    ["a file that the group may read", { mode: 0o640 }, "unsafe-file"],
    ["a file that others may write", { mode: 0o602 }, "unsafe-file"],
  ])("APR-F-13-FILE: %s", (_name, change, code) => {
    const evidence = { breadcrumb_path: path, file: { ...file, ...change }, caller_uid: 1000 } as Json;
    expect(judge("APR-F-13-FILE", evidence)).toEqual(code === null ? null : { code });
  });

  const entry = { kind: "observed", source: "/proc" };
  const provenance = Object.fromEntries(OOM_REPORT_REQUIRED_KEYS.map((key) => [key, entry]));
  test.each<[string, Json, string | null]>([
    ["every key has one", provenance, null],
    [
      "derived and unavailable count",
      { ...provenance, exit_code: { kind: "unavailable", source: "x" } },
      null,
    ],
    ["none at all", null, "peak_allocated_bytes"],
    ["one is missing", { ...provenance, exit_code: null }, "exit_code"],
    ["an unknown word", { ...provenance, timestamp: { kind: "guessed", source: "x" } }, "timestamp"],
    ["an empty source", { ...provenance, timestamp: { kind: "derived", source: "" } }, "timestamp"],
  ])("APR-F-13-PROVENANCE: %s", (_name, all, key) => {
    const reason = judge("APR-F-13-PROVENANCE", { report: changed({ provenance: all }) });
    expect(reason).toEqual(key === null ? null : { code: "no-provenance", key });
  });
});
