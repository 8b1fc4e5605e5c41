import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AprError } from "./errors.ts";
import { shellQuote, splitWords } from "./shellwords.ts";

/** What a real shell makes of a command line; undefined when it refuses it. */
function readBySh(line: string): string[] | undefined {
  const { status, stdout } = spawnSync("sh", ["-c", `printf '%s\\0' x ${line}`], { encoding: "utf8" });
  return status === 0 ? stdout.split("\0").slice(1, -1) : undefined;
}

test.each([
  [["cp", "{model}", "a-b_c.d"], "cp '{model}' a-b_c.d"],
  [["echo", ""], "echo ''"],
  [["it's"], String.raw`'it'\''s'`],
  [["A=1", "A=1"], "'A=1' A=1"],
  [["if"], "'if'"],
  [["x", "=ls", "~", "a b", "$(id)", "*"], "x '=ls' '~' 'a b' '$(id)' '*'"],
  [["x", "\u001b[2J", "a\nb"], "x '\u001b[2J' 'a\nb'"],
])("shellQuote(%j) is %s", (words, line) => {
  expect(shellQuote(words)).toBe(line);
});

test("shellQuote refuses a NUL", () => {
  expect(() => shellQuote(["a\0b"])).toThrow(AprError);
});

test.each([
  ["", []],
  ["  a\tb\n c ", ["a", "b", "c"]],
  [`a'b c'"d e"`, ["ab cd e"]],
  [`"" ''`, ["", ""]],
  [String.raw`a\ b \\ "\$ \a \" \\"`, ["a b", "\\", String.raw`$ \a " \ `.trimEnd()]],
  ["a\\\nb \\\n c", ["ab", "c"]],
  ["$HOME *.c; # x", ["$HOME", "*.c;", "#", "x"]],
])("splitWords(%j)", (line, words) => {
  expect(splitWords(line)).toEqual(words);
});

test.each(["'a", '"a', "a\\", `"a\\"`])("splitWords refuses %j", (line) => {
  expect(() => splitWords(line)).toThrow(AprError);
});

const word = fc
  .string({ unit: "binary", maxLength: 12 })
  .map((text) => text.replaceAll(/[\0\p{Surrogate}]/gu, "0"));
const hostile = fc
  .array(fc.constantFrom("'", '"', "\\", "$", "`", "\n", " ", "!", "~", "*", "=", "é", "if"), {
    maxLength: 8,
  })
  .map((parts) => parts.join(""));
const words = fc.array(fc.oneof(word, hostile), { maxLength: 40 });

test("what is quoted splits back into the same words", () => {
  fc.assert(
    fc.property(words, (list) => {
      expect(splitWords(shellQuote(list))).toEqual(list);
    }),
  );
});

test("a real shell reads quoted words back exactly", () => {
  fc.assert(
    fc.property(words, (list) => {
      expect(readBySh(shellQuote(list))).toEqual(list);
    }),
    { numRuns: 60 },
  );
});

test("the first word runs as a command, whatever it is", () => {
  for (const name of ["if", "for", "A=1", "case", "=x", "{", "!"]) {
    const { status, stderr } = spawnSync("sh", ["-c", shellQuote([name, "x"])], { encoding: "utf8" });
    expect({ name, status, refused: stderr.includes("not found") }).toEqual({
      name,
      status: 127,
      refused: true,
    });
  }
});

test("splitWords agrees with a real shell on quotes and backslashes", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    " ",
    "\t",
    "'",
    '"',
    "\\a",
    "\\\\",
    "\\'",
    '\\"',
    "\\\n",
    "\\ ",
    "é",
    "''",
  );
  const line = fc.array(piece, { maxLength: 16 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(line, (text) => {
      const mine = ((): string[] | undefined => {
        try {
          return splitWords(text);
        } catch {
          return undefined;
        }
      })();
      expect(mine).toEqual(readBySh(text));
    }),
    { numRuns: 150 },
  );
});
