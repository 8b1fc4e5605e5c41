import { expect, test } from "vitest";
import { globalFlags, plainText, wantsPlain } from "./global-flags.ts";

test("words of every command are taken out wherever they stand", () => {
  expect(globalFlags(["--quiet", "pull", "x", "--no-color"])).toEqual({
    words: ["pull", "x"],
    settings: { APR_QUIET: "1", NO_COLOR: "1" },
  });
  expect(globalFlags(["ls", "--plain"]).settings).toEqual({ APR_PLAIN: "1", NO_COLOR: "1" });
  expect(globalFlags(["ls", "constructor", "--json"])).toEqual({
    words: ["ls", "constructor", "--json"],
    settings: {},
  });
});

test("the server keeps its own --quiet", () => {
  expect(globalFlags(["serve", "--quiet"])).toEqual({
    words: ["serve", "--quiet"],
    settings: { APR_QUIET: "1" },
  });
});

test.each([
  [{ APR_PLAIN: "1" }, false, true],
  [{ LANG: "C" }, true, true],
  [{ LANG: "C" }, false, false],
  [{ LC_ALL: "", LANG: "de_DE.UTF-8" }, true, false],
  [{ LC_ALL: "POSIX", LANG: "C.UTF-8" }, true, true],
  [{}, true, false],
])("%j on a terminal: %s, plain: %s", (env, terminal, plain) => {
  expect(wantsPlain(env, terminal)).toBe(plain);
});

test("signs become ASCII, names stay", () => {
  expect(plainText("██░  größe  ▁▃█ · 3 × 2 … ✗")).toBe("##.  größe  _-# - 3 x 2 ... FAIL");
});
