import { describe, expect, test } from "vitest";
import { PickleMachine } from "./machine.ts";
import { type PickleRefusal, type PickleRefusalCode } from "./refusal.ts";
import { type PickleDict, PickleList, type PickleValue } from "./values.ts";
import { pickleOf } from "./write.ts";

interface Seen {
  readonly root: PickleValue;
  readonly segments: PickleValue[];
  readonly entries: [trace: number, item: PickleValue][];
}

function read(bytes: Uint8Array): Seen {
  const segments: PickleValue[] = [];
  const entries: [number, PickleValue][] = [];
  const machine = new PickleMachine({
    segment: (item) => void segments.push(item),
    traceEntry: (item, trace) => void entries.push([trace, item]),
  });
  machine.push(bytes);
  return { root: machine.end(), segments, entries };
}

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

describe("what is read", () => {
  test.each<[string, string, PickleValue]>([
    ["None", "\x80\x02N.", null],
    ["LONG1 of no bytes", "\x80\x02\x8a\x00.", 0],
    ["a negative LONG1", "\x80\x02\x8a\x01\xff.", -1],
    ["LONG1 of 2^63 - 1", "\x80\x02\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", 2n ** 63n - 1n],
    ["LONG1 of 2^53", "\x80\x02\x8a\x07\x00\x00\x00\x00\x00\x00\x20.", 2n ** 53n],
    ["the lowest LONG1 of 8 bytes", "\x80\x02\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.", -(2n ** 63n)],
    ["a negative BININT", "\x80\x02J\xff\xff\xff\xff.", -1],
    ["UTF-8", "\x80\x04\x8c\x02\xc3\xa9.", "é"],
  ])("%s", (_, text, value) => {
    expect(read(bytes(text)).root).toBe(value);
  });

  test("items of the long lists are handed on, the rest is kept", () => {
    const { root, segments, entries } = read(
      pickleOf({ segments: [{ a: 1 }], device_traces: [[{ b: 2 }, { b: 3 }], []], other: [[4]] }),
    );
    expect(segments).toHaveLength(1);
    expect(entries.map(([trace, item]) => [trace, (item as PickleDict).get("b")])).toEqual([
      [0, 2],
      [0, 3],
    ]);
    const other = (root as PickleDict).get("other");
    expect(other instanceof PickleList && (other.items[0] as PickleList).items).toEqual([4]);
  });

  test("no key reaches a prototype", () => {
    const { root } = read(pickleOf(JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as never));
    expect((root as PickleDict).keys).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("a memo of many pages", () => {
  const u32 = (value: number): string => {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32LE(value);
    return buffer.toString("latin1");
  };
  const key = (name: string): string => `X${u32(name.length)}${name}`;
  const entries = Array.from({ length: 20_000 }, (_, index) => `}r${u32(index)}`).join("");
  const snapshot = (rest: string): Buffer =>
    bytes(`\x80\x02}(${key("device_traces")}](](${entries}ee${rest}u.`);

  test("a number of a packed page may be given anew", () => {
    const { root, entries: seen } = read(snapshot(`${key("x")}Nr${u32(5)}${key("y")}j${u32(5)}`));
    expect(seen).toHaveLength(20_000);
    expect((root as PickleDict).keys).toEqual(["device_traces", "x", "y"]);
    expect((root as PickleDict).get("y")).toBeNull();
  });

  test.each([6, 19_999])("entry %i was handed on, and cannot be asked for again", (index) => {
    expect(() => read(snapshot(`${key("x")}j${u32(index)}`))).toThrow(/stands in a list that was handed on/);
    // One number that was given anew does not bring the others back.
    expect(() => read(snapshot(`${key("x")}Nr${u32(5)}${key("y")}j${u32(index)}`))).toThrow(/was handed on/);
  });
});

describe("what is refused", () => {
  const deep = `\x80\x02${"]".repeat(80)}${"a".repeat(79)}.`;
  test.each<[string, string, PickleRefusalCode]>([
    ["nothing", "", "cut-short"],
    ["text", "hello", "not-a-pickle"],
    ["protocol 1", "\x80\x01N.", "not-a-pickle"],
    ["protocol 6", "\x80\x06N.", "not-a-pickle"],
    ["a global", "\x80\x02cos\nsystem\n.", "unsupported-opcode"],
    ["a global by the stack", "\x80\x04\x8c\x02os\x8c\x06system\x93.", "unsupported-opcode"],
    ["a call", "\x80\x02NNR.", "unsupported-opcode"],
    ["a persistent id", "\x80\x02NQ.", "unsupported-opcode"],
    ["an extension", "\x80\x02\x82\x01.", "unsupported-opcode"],
    ["LONG4", "\x80\x02\x8b\xff\xff\xff\x7f.", "unsupported-opcode"],
    ["no end", "\x80\x02N", "cut-short"],
    ["something behind the end", "\x80\x02N.N", "malformed"],
    ["two values at the end", "\x80\x02NN.", "malformed"],
    ["a mark at the end", "\x80\x02(.", "malformed"],
    ["an item for no list", "\x80\x02NNa.", "malformed"],
    ["items without a mark", "\x80\x02]NNe.", "malformed"],
    ["an odd number of keys and values", "\x80\x02}(Nu.", "malformed"],
    ["a key that is no string", "\x80\x02}K\x01K\x02s.", "malformed"],
    ["a key twice", "\x80\x02}(\x8c\x01aN\x8c\x01aNu.", "malformed"],
    ["a number that the memo does not have", "\x80\x02h\x05.", "malformed"],
    ["a memo number beyond all", "\x80\x02Nr\xff\xff\xff\xff.", "too-large"],
    ["a string of 4 GiB", "\x80\x02X\xff\xff\xff\xffab.", "too-large"],
    ["a string of 2^64 bytes", "\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.", "too-large"],
    ["bytes that are not UTF-8", "\x80\x04\x8c\x01\xff.", "malformed"],
    ["half of a surrogate pair", "\x80\x04\x8c\x03\xed\xa0\x80.", "malformed"],
    ["a list that contains itself", "\x80\x02]q\x00h\x00a.", "malformed"],
    ["a frame that ends inside an opcode", "\x80\x04\x95\x01\0\0\0\0\0\0\0K\x01.", "malformed"],
    ["a frame longer than the file", "\x80\x04\x95\x09\0\0\0\0\0\0\0N.", "cut-short"],
    ["containers in containers in containers", deep, "too-large"],
    [
      "an entry that was handed on and is asked for again",
      "\x80\x02}(X\x08\0\0\0segments](}q\x00eX\x01\0\0\0xh\x00u.",
      "unsupported-sharing",
    ],
    [
      "a list of segments that is the value of two keys",
      "\x80\x02}(X\x08\0\0\0segments]q\x00(}eX\x01\0\0\0xh\x00u.",
      "unsupported-sharing",
    ],
  ])("%s", (_, text, code) => {
    let thrown: unknown;
    try {
      read(bytes(text));
    } catch (error) {
      thrown = error;
    }
    expect((thrown as PickleRefusal | undefined)?.code).toBe(code);
  });
});
