import fc from "fast-check";
import { expect, test } from "vitest";
import { U64_MAX } from "../base/ints.ts";
import { readSums } from "./digest-text.ts";
import { journalText, readJournal } from "./journal-text.ts";
import { LOGS, logLine } from "./log-lines.ts";
import { manifestText, readManifest } from "./manifest-text.ts";
import { nameInTheWay, nameProblem } from "./names.ts";
import { replayScript } from "./replay-script.ts";
import { sortedJson } from "./sorted-json.ts";
import { BadText } from "./text-lines.ts";
import { readPair, readValue, writeKey, writeValue } from "./text-value.ts";
import type { PackEvent } from "./types.ts";
import { compareUtf8 } from "./utf8-order.ts";

test.each([
  ["plain", "plain"],
  ["two words: yes", "two words: yes"],
  ["back\\slash", "back\\slash"],
  ["a'b\"c#d-e[f{g", "a'b\"c#d-e[f{g"],
  ["", '""'],
  ['"', '"\\""'],
  ["'x", '"\'x"'],
  ["#x", '"#x"'],
  ["-x", '"-x"'],
  ["[x", '"[x"'],
  ["{x", '"{x"'],
  [" x", '" x"'],
  ["x ", '"x "'],
  ["a\tb", '"a\\tb"'],
  ["\u007f", '"\\u007f"'],
  ["ü", '"\\u00fc"'],
  ["😀", '"\\ud83d\\ude00"'],
  ["\ud83d", '"\\ud83d"'],
])("the value %j is written %s, and read back", (value, text) => {
  expect(writeValue(value)).toBe(text);
  expect(readValue(text)).toBe(value);
});

test("every value and key comes back, and stays in one line of printable ASCII", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  );
  fc.assert(
    fc.property(text, text, (key, value) => {
      const line = `${writeKey(key)}: ${writeValue(value)}`;
      expect(line).toMatch(/^[\x20-\x7e]*$/);
      expect(readPair(line)).toEqual([key, value]);
    }),
  );
});

test("keys are sorted by their UTF-8 bytes", () => {
  const text = fc.string({ unit: "binary", maxLength: 4 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  expect(sortedJson({ z: 1, "10": 2, "9": [{ b: 1n, a: null }], "\u{1f600}": 0, "\ue000": 0 })).toBe(
    '{"10":2,"9":[{"a":null,"b":1}],"z":1,"\ue000":0,"\u{1f600}":0}',
  );
});

const event = (kind: string, data: PackEvent["data"]): PackEvent => ({
  version: 1,
  seq: 7,
  time_ns: U64_MAX,
  kind,
  data,
});

test.each<[string, PackEvent, readonly string[]]>([
  ["a kind of the path log", event("region_close_begin", null), ["pathlog"]],
  ["a kind of none", event("reserve", { path: "x" }), []],
  ["a message with a word in any case", event("message", { message: "RaCiNg" }), ["pathlog"]],
  [
    "a message of all three",
    event("x", { message: "Route UDP Symbols" }),
    ["pathlog", "quiclog", "repairlog"],
  ],
  ["connection id", event("message", { message: "Connection ID 5" }), ["quiclog"]],
  ["a message among other data", event("message", { message: "path", more: 1 }), []],
  ["a message that is no text", event("message", { message: 5 }), []],
  ["letters that only look like it", event("message", { message: "ſymbol, \u212ath, fеc" }), []],
])("%s", (_what, each, names) => {
  expect(LOGS.filter(({ takes }) => takes(each)).map(({ name }) => name)).toEqual(names);
});

test("log lines", () => {
  expect(logLine(event("spawn", null))).toBe(`[000007] ${U64_MAX}ns spawn`);
  expect(logLine({ ...event("a\nb", { b: 1, a: "ü" }), seq: 1_234_567, time_ns: 0 })).toBe(
    '[1234567] 0ns "a\\nb" {"a":"ü","b":1}',
  );
});

test.each([
  ["stderr.txt", null],
  ["with space.log", null],
  ["ü/😀", null],
  ["a/b/c/d", null],
  ["a/b/c/d/e", "parts"],
  ["x".repeat(100), null],
  ["ü".repeat(51), "longer"],
  ["", "empty"],
  ["/etc/passwd", "absolute"],
  ["a/../b", ".."],
  ["./a", ".."],
  ["a//b", "empty"],
  ["a/", "empty"],
  ["a\\b", "backslash"],
  ["a\nb", "control"],
  ["a\0", "control"],
  ["\ud800", "surrogate"],
  ["journal", "own"],
  ["JOURNAL", "own"],
  ["sha256sums", "own"],
  ["manifest/x", "own"],
])("the artifact name %j: %s", (name, problem) => {
  if (problem === null) expect(nameProblem(name)).toBeNull();
  else expect(nameProblem(name)).toContain(problem);
});

test("a file cannot be a folder of another", () => {
  expect(nameInTheWay(["a/b", "a"])).toBe("a");
  expect(nameInTheWay(["a/b", "ab", "a/c/d"])).toBeNull();
});

const JOURNAL = journalText([
  {
    oracle_name: "o",
    passed: false,
    stats: { entities_tracked: 1, events_recorded: 5 },
    violations: [{ violation_type: "t", severity: "low", description: "d", evidence: { a: "b" } }],
  },
]);
const MANIFEST = manifestText({
  schema_version: 1,
  violations: 1,
  journal_digest: `sha256:${"0".repeat(64)}`,
  seeds: { s: U64_MAX },
  artifact_paths: ["x"],
  metadata: { k: "v" },
});

test.each<[string, (text: string) => unknown, string]>([
  ["journal", readJournal, JOURNAL],
  ["manifest", readManifest, MANIFEST],
  ["SHA256SUMS", readSums, `${"0".repeat(64)}  a\n${"1".repeat(64)}  b\n`],
])("a %s that is changed in any way is read, or refused as bad text", (_name, read, text) => {
  expect(() => read(text)).not.toThrow();
  const change = fc.record({
    at: fc.nat({ max: text.length }),
    drop: fc.nat({ max: 40 }),
    add: fc.string({ unit: "binary" }),
  });
  fc.assert(
    fc.property(change, ({ at, drop, add }) => {
      try {
        read(text.slice(0, at) + add + text.slice(at + drop));
      } catch (error) {
        expect(error).toBeInstanceOf(BadText);
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  [MANIFEST.replace("schema_version: 1", "schema_version: 2"), "line 2"],
  [MANIFEST.replace(String(U64_MAX), String(U64_MAX + 1n)), "line 9"],
  [MANIFEST.replace("  - x\n", ""), "line 11"],
  [`${MANIFEST}more: 1\n`, "line 12"],
  [MANIFEST.slice(0, -1), "line 11"],
])("a manifest that says what none does, case %#", (text, where) => {
  expect(() => readManifest(text)).toThrow(where);
});

test("the script", () => {
  const script = replayScript({
    seeds: { world: U64_MAX, "net-faults": 7, __: 1, é9: 2 },
    oracle_results: [{ oracle_name: "it's $(x)" }, { oracle_name: "--json" }, { oracle_name: "" }],
  });
  expect(script.split("\n").slice(-6)).toEqual([
    "export ATP_SEED_SEED=1",
    "export ATP_SEED_NET_FAULTS=7",
    `export ATP_SEED_WORLD=${U64_MAX}`,
    "export ATP_SEED_9=2",
    "exec apr replay --trace-file transfer.atp-trace --manifest manifest --journal-digest journal.digest " +
      "--evidence-ledger evidence-ledger.json --pathlog pathlog --quiclog quiclog --repairlog repairlog " +
      `--validate-oracles --oracle 'it'\\''s $(x)' '--oracle=--json' --oracle ''`,
    "",
  ]);
});
