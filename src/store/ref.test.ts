import { expect, test } from "vitest";
import { formatRef, isSafeRef, nameFrom, parseRef } from "./ref.ts";

test.each([
  ["qwen", "qwen:latest"],
  ["qwen:0.5b", "qwen:0.5b"],
  ["Q-1_x.y:Z", "Q-1_x.y:Z"],
  ["a".repeat(80), `${"a".repeat(80)}:latest`],
  ["registry.ollama.ai/library/qwen", "qwen:latest"],
  ["hf.co/owner/name:q4", "hf.co/owner/name:q4"],
  ["localhost:5000/me/m:1", "localhost:5000/me/m:1"],
])("%s is %s", (text, formatted) => {
  expect(formatRef(parseRef(text))).toBe(formatted);
  expect(parseRef(formatted)).toEqual(parseRef(text));
});

test.each([
  ...[
    "",
    ".",
    "..",
    ":",
    "a:",
    ":a",
    "a:b:c",
    "a b",
    "a/b",
    "../../x",
    "a/../b:c",
    "/a",
    "a/",
    "a\0b",
    "-a",
    "_a",
  ],
  ...[
    "a:..",
    "a:.hidden",
    "a".repeat(81),
    "ä",
    "a\n",
    "//a",
    "h/n/",
    "h:99999999/n/m",
    "a%2fb",
    "a\\b",
    "x/y/z/w",
  ],
])("%j is refused with exit 2", (text) => {
  expect(() => parseRef(text)).toThrow(expect.objectContaining({ kind: "usage", exitCode: 2 }));
});

test("a name is made of any text", () => {
  for (const text of ["", "...", "weird name (1)", "-x-", "ü", "x".repeat(200), "a/b"]) {
    const name = nameFrom(text);
    expect(isSafeRef({ host: "h", namespace: "n", name, tag: "t" }), name).toBe(true);
  }
});
