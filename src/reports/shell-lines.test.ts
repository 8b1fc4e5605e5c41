import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellQuote } from "../base/shellwords.ts";
import { wrapShellLine } from "./shell-lines.ts";
import { textWidth } from "./text.ts";

test.each([
  ["cp a b", 40, ["cp a b"]],
  ["cp aaaa bbbb cccc", 12, ["cp aaaa \\", "  bbbb \\", "  cccc"]],
  ["sh -c 'a b c d e f' x", 12, ["sh -c \\", "  'a b c d e f' \\", "  x"]],
  [`echo "a 'b\\" c" d`, 8, ["echo \\", `  "a 'b\\" c" \\`, "  d"]],
  ["a\\ b c", 4, ["a\\ b \\", "  c"]],
  ["echo $(ls -l a b c) d", 8, ["echo \\", "  $(ls -l a b c) d"]],
  ["cp a b # why not at all", 8, ["cp a b \\", "  # why not at all"]],
  ["", 8, [""]],
])("wrapShellLine(%j, %d)", (line, width, lines) => {
  expect(wrapShellLine(line, width)).toEqual(lines);
});

test("a shell reads the wrapped lines as it reads the one line", () => {
  const word = fc.string({ unit: "grapheme-ascii", maxLength: 8 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.integer({ min: 10, max: 40 }), (words, width) => {
      const wrapped = wrapShellLine(shellQuote(["printf", "%s\\n", "x", ...words]), width);
      const { stdout, status } = spawnSync("sh", ["-c", wrapped.join("\n")], { encoding: "utf8" });
      expect({ stdout, status }).toEqual({ stdout: ["x", ...words, ""].join("\n"), status: 0 });
    }),
    { numRuns: 60 },
  );
});

test("short words never make a line too wide", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "bc", "def"), { maxLength: 40 }), (words) => {
      for (const line of wrapShellLine(words.join(" "), 12)) expect(textWidth(line)).toBeLessThanOrEqual(12);
    }),
  );
});
