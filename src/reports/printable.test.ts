import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableLines } from "./printable.ts";

test.each([
  ["plain text, é 日本 👍🏽 ❤️", "plain text, é 日本 👍🏽 ❤️"],
  ["\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m"],
  ["a\nb\r\tc\0", "a\\nb\\r\\tc\\0"],
  ["\u009b2J\u0085", "\\x9b2J\\x85"],
  ["\u202egnp.exe\u2066x\u2069", "\\u202egnp.exe\\u2066x\\u2069"],
  ["a\u200bb\ufeffc\u2028d", "a\\u200bb\\ufeffc\\u2028d"],
  ["\ud800x\udc00", "\\ud800x\\udc00"],
  ["\u{e0041}", "\\u{e0041}"],
  ["👨‍👩‍👧", "👨‍👩‍👧"],
])("printable(%j) is %s", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test.each([
  ["a\r\nb\n", ["a", "b"]],
  ["a\tb", ["a    b"]],
  ["10 %\r20 %", ["10 %\\r20 %"]],
  ["", []],
  ["\n\n", ["", ""]],
])("printableLines(%j)", (text, lines) => {
  expect(printableLines(text)).toEqual(lines);
});

test("nothing that is shown holds a control, an override or half a surrogate pair", () => {
  const nasty = fc.constantFrom(
    "\u001b",
    "\u009b",
    "\u202e",
    "\u2067",
    "\u200f",
    "\ud800",
    "\u007f",
    "\u{e007f}",
  );
  const text = fc.array(fc.oneof(nasty, fc.string({ unit: "binary" }))).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (hostile) => {
      expect(printable(hostile)).not.toMatch(/[\p{Cc}\p{Surrogate}\p{Bidi_Control}]/u);
    }),
  );
});
