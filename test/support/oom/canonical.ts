import { createHash } from "node:crypto";
import { PickleMachine } from "../../../src/oom/pickle/machine.ts";
import { PickleRefusal } from "../../../src/oom/pickle/refusal.ts";
import { PickleDict, PickleList, type PickleValue } from "../../../src/oom/pickle/values.ts";

/** The text that snapshot.py makes of the same value; lists that were handed on come from `streamed`. */
function canonical(value: PickleValue, streamed: ReadonlyMap<PickleList, readonly string[]>): string {
  switch (typeof value) {
    case "boolean":
      return value ? "t" : "f";
    case "number":
    case "bigint":
      return `i${value}`;
    case "string":
      return JSON.stringify(value);
    default:
      return value === null ? "n" : nodeText(value, streamed);
  }
}

function nodeText(
  value: Exclude<PickleValue, null | boolean | number | bigint | string>,
  streamed: ReadonlyMap<PickleList, readonly string[]>,
): string {
  const inner = (item: PickleValue): string => canonical(item, streamed);
  switch (value.kind) {
    case "float": {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(value.value);
      return `d${bytes.toString("hex")}`;
    }
    case "list":
      return `[${(streamed.get(value) ?? value.items.map(inner)).join(",")}]`;
    case "tuple":
      return `(${value.items.map(inner).join(",")})`;
    case "dict":
      return `{${value.keys.map((key, index) => `${inner(key)}:${inner(value.items[index] as PickleValue)}`).join(",")}}`;
  }
}

/** Reads a pickle as the product does, in pieces, and returns its canonical text; null where it is refused. */
export function canonicalOf(bytes: Uint8Array, pieceBytes: number = bytes.length): string | null {
  const segments: string[] = [];
  const traces: string[][] = [];
  const none = new Map<PickleList, readonly string[]>();
  const machine = new PickleMachine({
    segment: (item) => void segments.push(canonical(item, none)),
    traceEntry: (item, trace) => void (traces[trace] ??= []).push(canonical(item, none)),
  });
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) machine.push(bytes.subarray(at, at + pieceBytes));
    const root = machine.end();
    const streamed = new Map<PickleList, readonly string[]>();
    const note = (value: PickleValue | undefined, items: readonly string[]): void => {
      if (value instanceof PickleList && value.streamed) streamed.set(value, items);
    };
    note(root, segments);
    if (root instanceof PickleDict) {
      note(root.get("segments"), segments);
      const lists = root.get("device_traces");
      if (lists instanceof PickleList)
        for (const [index, list] of lists.items.entries()) note(list, traces[index] ?? []);
    }
    return canonical(root, streamed);
  } catch (error) {
    if (error instanceof PickleRefusal) return null;
    throw error;
  }
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
