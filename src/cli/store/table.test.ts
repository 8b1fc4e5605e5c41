import { expect, test } from "vitest";
import { textWidth } from "../../reports/text.ts";
import { table } from "./table.ts";

const ROWS = [
  ["TAG", "SIZE", "FROM"],
  ["a-rather-long-name-of-a-model:latest", "12 GiB", "https://mirror.example/very/long/path/to/m.gguf"],
  ["名前:1", "3 B", "x"],
];

test("without a width nothing is cut, and columns are aligned", () => {
  const lines = table(ROWS, [1], undefined).split("\n");
  expect(lines[1]).toBe(`  ${ROWS[1]?.join("  ")}`);
  expect(lines[2]).toBe(`  名前:1${" ".repeat(30)}     3 B  x`);
});

test.each([40, 60, 80])(
  "%d columns: every row fits, numbers whole, what is cut ends in an ellipsis",
  (width) => {
    const lines = table(ROWS, [1], width).trimEnd().split("\n");
    expect(lines.filter((line) => textWidth(line) > width)).toEqual([]);
    expect(lines[1]).toContain("12 GiB");
    expect(lines[1]).toContain("…");
  },
);

test("a terminal that is too narrow for anything still gets the rows", () => {
  expect(table(ROWS, [1], 5)).toContain("12 GiB");
});

test("what would drive a terminal is spelled out", () => {
  expect(table([["a\u001b[2Jb"]], [], 80)).not.toContain("\u001b");
});
