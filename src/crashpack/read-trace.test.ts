import fc from "fast-check";
import { expect, test } from "vitest";
import { type Json, stringifyJson } from "../base/json.ts";
import { nodeHash } from "../world/node/hash.ts";
import { MAX_EVENT_BYTES } from "./limits.ts";
import { LOGS, logLine } from "./log-lines.ts";
import { BadTrace, LogDigests, TraceReader } from "./read-trace.ts";
import type { PackEvent } from "./types.ts";

const EVENTS: readonly PackEvent[] = [
  { version: 1, seq: 1, time_ns: 0, kind: "spawn", data: null },
  { version: 1, seq: 2, time_ns: 2n ** 63n, kind: "message", data: { message: "path\n  },\n😀" } },
  {
    version: 1,
    seq: 3,
    time_ns: 5,
    kind: "x",
    data: { deep: { list: [{}, [], { a: 0.5 }], big: 2n ** 60n } },
  },
  { version: 1, seq: 4, time_ns: 6, kind: "complete", data: {} },
];

function textOf(events: readonly unknown[]): string {
  return stringifyJson(events as readonly Json[], 2);
}

function readPieces(pieces: readonly Buffer[]): { events: PackEvent[]; logs: ReadonlyMap<string, string> } {
  const events: PackEvent[] = [];
  const logs = new LogDigests({ hash: nodeHash });
  const reader = new TraceReader((some) => {
    events.push(...some);
    logs.add(some);
  });
  for (const piece of pieces) reader.push(piece);
  reader.end();
  expect(reader.count).toBe(events.length);
  return { events, logs: logs.hex() };
}

test("wherever the bytes are cut, the same events and the same logs come out", () => {
  const bytes = Buffer.from(textOf(EVENTS));
  const whole = readPieces([bytes]);
  expect(whole.events).toEqual(EVENTS);
  for (const { name, takes } of LOGS) {
    const hasher = nodeHash.sha256();
    hasher.update(EVENTS.filter(takes).map(logLine).join("\n"));
    expect(whole.logs.get(name)).toBe(hasher.hex());
  }
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      expect(readPieces(at.map((cut, index) => bytes.subarray(cut, at[index + 1])))).toEqual(whole);
    }),
  );
  expect(readPieces([...bytes].map((byte) => Buffer.from([byte]))).events).toEqual(EVENTS);
  expect(readPieces([Buffer.from("[]")]).events).toEqual([]);
});

const ONE = textOf(EVENTS.slice(0, 1));

test.each<[string, string]>([
  ["nothing", ""],
  ["an object", "{}"],
  ["compact JSON", JSON.stringify([EVENTS[0]])],
  ["a newline at the end", `${ONE}\n`],
  ["no end", ONE.slice(0, -2)],
  ["no beginning", ONE.slice(2)],
  ["two arrays", `${ONE}${ONE}`],
  ["a number in another spelling", ONE.replace('"seq": 1', '"seq": 1.0')],
  ["a key twice", ONE.replace('"seq": 1', '"seq": 1,\n    "seq": 1')],
  ["a key too many", ONE.replace('"data": null', '"data": null,\n    "more": 1')],
  ["keys in another order", textOf([{ seq: 1, version: 1, time_ns: 0, kind: "x", data: null }])],
  ["another version", ONE.replace('"version": 1', '"version": 2')],
  ["a negative time", ONE.replace('"time_ns": 0', '"time_ns": -1')],
  ["a number beyond 64 bits", ONE.replace('"seq": 1', '"seq": 18446744073709551616')],
  ["data that is a list", ONE.replace("null", "[]")],
  ["a number for an event", "[\n  1\n]"],
  ["an escape that is not needed", ONE.replace("spawn", "\\u0073pawn")],
  ["nesting beyond any reader", `[\n  ${"[".repeat(20_000)}${"]".repeat(20_000)}\n]`],
])("a trace with %s is refused", (_what, text) => {
  expect(() => readPieces([Buffer.from(text)])).toThrow(BadTrace);
});

test("bytes that are no UTF-8, and an event without end, are refused", () => {
  const bytes = Buffer.from(ONE);
  bytes[bytes.indexOf("spawn")] = 0xff;
  expect(() => readPieces([bytes])).toThrow(BadTrace);
  const reader = new TraceReader(() => undefined);
  const piece = Buffer.alloc(MAX_EVENT_BYTES / 4, 0x20);
  expect(() => {
    for (let count = 0; count < 8; count++) reader.push(piece);
  }).toThrow("event 1 is larger");
});
