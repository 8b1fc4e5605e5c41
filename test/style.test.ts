import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { filesUnder, ROOT, readProjectFile } from "./support/files.ts";
import { MAX_LINES, missingCommands, styleBreaches } from "./support/style.ts";

/** Files that may be longer, each with its reason. */
const LONG_FILES: ReadonlyMap<string, string> = new Map<string, string>();

const FOLDERS = ["src", "test", "bench", "scripts", "docs", ".ci"];
const SINGLE_FILES = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "package.json", "package-lock.json"],
  ...["vitest.config.ts", "knip.json", "biome.json", ".oxlintrc.json", ".npmrc"],
];
const { scripts } = JSON.parse(readProjectFile("package.json")) as {
  scripts: Readonly<Record<string, string>>;
};

test("every file keeps the house style", () => {
  const files = [...FOLDERS.flatMap(filesUnder), ...SINGLE_FILES.filter((path) => existsSync(ROOT + path))];
  const judged = files.filter((path) => !path.startsWith("test/vectors/") && !path.endsWith(".png"));
  expect(judged.length).toBeGreaterThan(30);
  expect(judged.flatMap((path) => styleBreaches(path, readProjectFile(path), LONG_FILES))).toEqual([]);
});

test("a file with leave to be long is long", () => {
  for (const path of LONG_FILES.keys())
    expect(readProjectFile(path).split("\n").length).toBeGreaterThan(MAX_LINES);
});

test("folders of the source are at most two deep", () => {
  expect(filesUnder("src").filter((path) => path.split("/").length > 4)).toEqual([]);
});

test.each(["README.md", "CONTRIBUTING.md"])("%s exists, and every npm command in it does", (path) => {
  expect(existsSync(ROOT + path), `${path} is missing`).toBe(true);
  expect(missingCommands(readProjectFile(path), Object.keys(scripts))).toEqual([]);
});

// The checks must be able to fail. The planted words are in pieces, or this file would break its own rules.
test.each([
  ["src/a.ts", `// ${"TO"}DO later`, "unfinished work"],
  ["src/a.ts", `// ${"FIX"}ME`, "unfinished work"],
  ["docs/a.md", `see /${"work"}/main`, "a path of one machine"],
  ["src/a.ts", `const x = "/${"root"}/x";`, "a path of one machine"],
  ["docs/a.md", `cd /${"home"}/me`, "a path of one machine"],
  ["src/a.test.ts", `test.${"only"}("x", () => {});`, "a focused test hides the others"],
  ["src/a.test.ts", `describe.${"skipIf"}(x)`, "a test that is never run; use needs() or notRun()"],
  ["src/a.test.ts", `test.${"skip"}("x");`, "a test that is never run; use needs() or notRun()"],
  ["package-lock.json", `  "${"resolved"}": "https://example.org/x.tgz",`, "names a registry"],
])("%s with %s is refused", (path, text, breach) => {
  expect(styleBreaches(path, text, LONG_FILES)).toEqual([`${path}:1: ${breach}`]);
});

test("a long file is refused, unless it is named", () => {
  const text = "x\n".repeat(MAX_LINES + 1);
  expect(styleBreaches("src/a.ts", text, LONG_FILES)).toHaveLength(1);
  expect(styleBreaches("src/a.ts", text, new Map([["src/a.ts", "a table"]]))).toEqual([]);
  expect(styleBreaches("docs/a.md", text, LONG_FILES)).toEqual([]);
});

test.each([
  ["src/a.ts", `const path = '~/home/x'; const url = 'https://host/${"work"}/x'; // homework`],
  ["package-lock.json", `"integrity": "sha512-x"`],
])("%s with %s is accepted", (path, text) => {
  expect(styleBreaches(path, text, LONG_FILES)).toEqual([]);
});

test("a document's unknown npm commands are found", () => {
  expect(missingCommands("`npm ci && npm run demo`, npm test, npm run nosuch", ["demo", "test"])).toEqual([
    "nosuch",
  ]);
});
