import { expect, test } from "vitest";
import { htmlContent, htmlLines, htmlText, islandJson } from "./escape.ts";

const TAG = `</script><img src=x onerror="a('b')">&`;

test("no tag, entity or quote survives", () => {
  for (const made of [htmlText(TAG), htmlContent(TAG), htmlLines(TAG)])
    expect(made).not.toMatch(/[<>"']|&(?!\w+;|#39;)/);
  expect(islandJson({ a: TAG })).not.toContain("<");
  expect(JSON.parse(islandJson({ a: TAG }))).toEqual({ a: TAG });
});

test("a long word may be broken, and reads the same", () => {
  const word = "<𝒳".repeat(500);
  const made = htmlContent(word);
  expect(made.split("<wbr>")).toHaveLength(10);
  expect(made.replaceAll("<wbr>", "").replaceAll("&lt;", "<")).toBe(word);
  expect(htmlContent("short words ".repeat(100))).not.toContain("<wbr>");
  expect(htmlText("a".repeat(1000))).not.toContain("<wbr>");
  expect(htmlContent("a\0b")).not.toContain("<wbr>");
});
