import fc from "fast-check";
import { expect, test } from "vitest";
import { padText, textWidth, truncateText, wrapLabelled, wrapText } from "./text.ts";

test.each([
  ["", 0],
  ["abc", 3],
  ["é", 1],
  ["e\u0301", 1],
  ["日本", 4],
  ["ｱ", 1],
  ["Ａ", 2],
  ["한", 2],
  ["👍", 2],
  ["·…█", 3],
])("textWidth(%j) is %d", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test.each([
  ["abc", 5, "abc"],
  ["abcdef", 4, "abc…"],
  ["日本語", 5, "日本…"],
  ["日本語", 4, "日…"],
  ["abc", 1, "…"],
  ["abc", 0, ""],
])("truncateText(%j, %d) is %j", (text, width, cut) => {
  expect(truncateText(text, width)).toBe(cut);
});

test.each([
  ["", 5, [""]],
  ["a b c", 3, ["a b", "c"]],
  ["  a   b ", 9, ["a b"]],
  ["abcdefgh i", 3, ["abc", "def", "gh", "i"]],
  ["abc def", 3, ["abc", "def"]],
  ["日本語日本", 4, ["日本", "語日", "本"]],
])("wrapText(%j, %d)", (text, width, lines) => {
  expect(wrapText(text, width)).toEqual(lines);
});

test("padText pads by columns", () => {
  expect(padText("日", 4)).toBe("日  ");
  expect(padText("abc", 2)).toBe("abc");
});

test("wrapLabelled hangs the later lines under the first", () => {
  expect(wrapLabelled("why  ", "aa bb cc", 10)).toEqual(["why  aa bb", "     cc"]);
});

const line = fc.string({ unit: "grapheme", maxLength: 60 });

test("no wrapped or truncated line is wider than asked, and wrapping loses only blanks", () => {
  fc.assert(
    fc.property(line, fc.integer({ min: 2, max: 30 }), (text, width) => {
      const lines = wrapText(text, width);
      for (const part of [...lines, truncateText(text, width)])
        expect(textWidth(part)).toBeLessThanOrEqual(width);
      expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    }),
  );
});
