import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AprError } from "./errors.ts";
import {
  isJsonNumberValue,
  isJsonObject,
  type Json,
  JsonNumber,
  MAX_JSON_DEPTH,
  parseJson,
  stringifyJson,
} from "./json.ts";

/** What `JSON.parse` would have made of it. */
function asDoubles(value: Json): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof JsonNumber) return Number(value.text);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => asDoubles(item));
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(copy, key, {
      value: asDoubles(item),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return copy;
}

function failureOf(text: string): AprError {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof AprError) return error;
    throw error;
  }
  throw new Error(`accepted ${text.slice(0, 40)}`);
}

describe("numbers", () => {
  test.each<[string, Json]>([
    ["0", 0],
    ["-1", -1],
    ["1.5", 1.5],
    ["-0.25", -0.25],
    ["1.50", 1.5],
    ["0.1", 0.1],
    ["15e-1", 1.5],
    ["5e-324", 5e-324],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["-9007199254740993", -9007199254740993n],
    ["18446744073709551615", 18446744073709551615n],
    ["1.0", new JsonNumber("1.0")],
    ["1e3", new JsonNumber("1e3")],
    ["-0", new JsonNumber("-0")],
    ["-0.0", new JsonNumber("-0.0")],
    ["1e400", new JsonNumber("1e400")],
    ["1e-400", new JsonNumber("1e-400")],
    ["0.10000000000000000001", new JsonNumber("0.10000000000000000001")],
    ["1e99999999999999999999", new JsonNumber("1e99999999999999999999")],
  ])("%s", (text, expected) => {
    expect(parseJson(text)).toEqual(expected);
    expect(parseJson(`{"a":[${text}]}`)).toEqual({ a: [expected] });
    expect(stringifyJson(parseJson(`[${text}]`))).toBe(
      expected instanceof JsonNumber || typeof expected === "bigint"
        ? `[${text}]`
        : JSON.stringify([expected]),
    );
  });

  test("an integer too long to be worth a bigint keeps its text", () => {
    const text = "9".repeat(100_000);
    expect(parseJson(text)).toEqual(new JsonNumber(text));
  });

  test("digits and points inside strings divert nothing", () => {
    const text = '{"qwen2.5":"12345678901234567890 1e5 -0","n":1}';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  test("JSON.stringify refuses a kept number rather than changing it", () => {
    expect(() => JSON.stringify(new JsonNumber("1.0"))).toThrow(TypeError);
  });

  test("number values are told from objects", () => {
    const kept = new JsonNumber("1.0");
    expect([1, 1n, kept].map(isJsonNumberValue)).toEqual([true, true, true]);
    expect(["1", null, {}].map(isJsonNumberValue)).toEqual([false, false, false]);
    expect([isJsonObject(kept), isJsonObject([]), isJsonObject({})]).toEqual([false, false, true]);
  });
});

describe("texts that are not JSON", () => {
  test.each<[string, string, number, number]>([
    ["nothing", "", 1, 1],
    ["only space", " \n ", 2, 2],
    ["a comma too many", '{"a":1,}', 1, 8],
    ["a second value", "1 2", 1, 3],
    ["an open string", '"abc', 1, 5],
    ["an open string after a backslash", '"abc\\', 1, 5],
    ["a wrong escape", '["\\x"]', 1, 3],
    ["a short unicode escape", '"\\u12"', 1, 2],
    ["a bare control character", '"a\nb"', 1, 3],
    ["a leading zero", "[01]", 1, 3],
    ["a lone minus", "[-]", 1, 3],
    ["a point without digits", "[1.]", 1, 3],
    ["an exponent without digits", "[1e]", 1, 3],
    ["not a number", "[NaN]", 1, 2],
    ["a place on a later line", '{\n  "a": 1.5,\n  "b": x\n}', 3, 8],
    ["an unclosed array", "[1, 2", 1, 6],
    ["an unclosed array of an exact number", "[1.0", 1, 5],
    ["single quotes", "{'a':1}", 1, 2],
  ])("%s", (_name, text, line, column) => {
    const { kind, fields, exitCode } = failureOf(text);
    expect({ kind, exitCode, line: fields["line"], column: fields["column"] }).toEqual({
      kind: "malformed",
      exitCode: 4,
      line,
      column,
    });
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  test.each([
    ["arrays", "[", "]", ""],
    ["objects", '{"a":', "}", "1"],
    ["arrays around an exact number", "[", "]", "1.0"],
  ])("%s may nest only so deep", (_name, open, close, inner) => {
    const nest = (depth: number): string => open.repeat(depth) + inner + close.repeat(depth);
    expect(parseJson(nest(MAX_JSON_DEPTH))).toBeDefined();
    expect(failureOf(nest(MAX_JSON_DEPTH + 1)).message).toContain("nested deeper than 512 levels");
    expect(failureOf(nest(1_000_000)).message).toContain("nested deeper");
  });
});

describe("objects", () => {
  test.each(["1", "1.0"])("__proto__ is a key like any other (%s)", (number) => {
    const parsed = parseJson(`{"__proto__":{"evil":${number}}}`);
    expect(Object.keys(parsed as object)).toEqual(["__proto__"]);
    expect((parsed as { evil?: unknown }).evil).toBeUndefined();
    expect(stringifyJson(parsed)).toBe(`{"__proto__":{"evil":${number}}}`);
  });

  test.each(["2", "2.0"])("of a repeated key the last one counts (%s)", (number) => {
    expect(stringifyJson(parseJson(`{"a":1,"b":1,"a":${number}}`))).toBe(`{"a":${number},"b":1}`);
  });

  test("indents as JSON.stringify does", () => {
    const value = { a: [1, { b: null }], c: [], d: {}, e: "x" };
    const exact = { ...value, f: 2n ** 64n };
    expect(stringifyJson(value, 2)).toBe(JSON.stringify(value, null, 2));
    expect(stringifyJson(exact, 2)).toBe(
      JSON.stringify({ ...value, f: "F" }, null, 2).replace('"F"', "18446744073709551616"),
    );
  });

  test("a value that contains itself is refused", () => {
    const loop: Record<string, Json> = {};
    loop["loop"] = loop;
    expect(() => stringifyJson(loop)).toThrow(RangeError);
  });
});

describe("for all values", () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.bigInt().map(String),
    fc.stringMatching(/^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?$/),
  );
  const text = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      number,
      fc.constantFrom("null", "true", "false", '"\\u0041\\n"'),
      fc.string({ unit: "binary" }).map((value) => JSON.stringify(value)),
      fc.array(tie("value")).map((items) => `[ ${items.join(" ,\n")} ]`),
      fc
        .array(fc.tuple(fc.string({ unit: "grapheme" }), tie("value")))
        .map((members) => `{${members.map(([key, item]) => `${JSON.stringify(key)} : ${item}`).join(",")}}`),
    ),
  })).value;

  test("it reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(text, (json) => {
        expect(asDoubles(parseJson(json))).toEqual(JSON.parse(json));
      }),
    );
  });

  test("what is written reads back the same, and is written the same again", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(0, 2), (json, indent) => {
        const value = parseJson(json);
        const written = stringifyJson(value, indent);
        expect(parseJson(written)).toEqual(value);
        expect(stringifyJson(parseJson(written), indent)).toBe(written);
      }),
    );
  });

  test("a number keeps its exact value", () => {
    fc.assert(
      fc.property(number, (json) => {
        const value = parseJson(json);
        if (typeof value === "bigint") expect(value).toBe(BigInt(json));
        else if (value instanceof JsonNumber) expect(value.text).toBe(json);
        else expect(value).toBe(Number(json));
      }),
      { numRuns: 1000 },
    );
  });

  test("any text gets a value or a malformed error, as with JSON.parse", () => {
    const near = fc
      .tuple(text, fc.nat(), fc.constantFrom("", "x", "1", ".", '"', "\\", "-", "e", "]", "{", "\u0000"))
      .map(([json, at, piece]) => json.slice(0, at % (json.length + 1)) + piece);
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (json) => {
        let expected: unknown;
        try {
          expected = JSON.parse(json);
        } catch {
          expect(failureOf(json).kind).toBe("malformed");
          return;
        }
        expect(asDoubles(parseJson(json))).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
