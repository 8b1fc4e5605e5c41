import { expect, test } from "vitest";
import { breaches } from "./support/architecture/check.ts";
import { circles } from "./support/architecture/circles.ts";
import { ROOMS } from "./support/architecture/table.ts";
import { filesUnder, readProjectFile } from "./support/files.ts";

test("every source file keeps to the import table and leaves effects to world/node", () => {
  const files = filesUnder("src").filter((path) => path.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(10);
  expect(files.flatMap((path) => breaches(path, readProjectFile(path)))).toEqual([]);
});

test("no files import each other in a ring, not even for a type", () => {
  const files = filesUnder("src").filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
  expect(circles(new Map(files.map((path) => [path, readProjectFile(path)])))).toEqual([]);
});

test("a ring of files is seen, and named", () => {
  const texts = new Map([
    ["src/a.ts", `import { b } from "./b.ts";`],
    ["src/b.ts", `import type { C } from "./c/c.ts";`],
    ["src/c/c.ts", `import { a } from "../a.ts"; import { d } from "./d.ts";`],
    ["src/c/d.ts", `export const d = 1;`],
  ]);
  expect(circles(texts)).toEqual(["src/a.ts → src/b.ts → src/c/c.ts → src/a.ts"]);
});

test("the table has no circles: a room never stands on one that stands on it", () => {
  const circles = [...ROOMS].flatMap(([room, under]) =>
    under.filter((other) => ROOMS.get(other)?.includes(room)).map((other) => `${room} and ${other}`),
  );
  expect(circles).toEqual([]);
  expect([...ROOMS.values()].flat().filter((room) => !ROOMS.has(room))).toEqual([]);
});

// The checker must be able to fail: each of these is planted in a file of the named path.
test.each([
  ["src/contracts/a.ts", `import { x } from "../world/clock.ts";`],
  ["src/contracts/a.ts", `import type { X } from "../store/blobs.ts";`],
  ["src/contracts/a.ts", `import { type X } from "../store/blobs.ts";`],
  ["src/contracts/a.ts", `export * from "../store/blobs.ts";`],
  ["src/contracts/a.ts", `export { x } from "../store/blobs.ts";`],
  ["src/contracts/a.ts", `export type X = import("../store/blobs.ts").Blob;`],
  ["src/contracts/a.ts", `const x = await import("../store/blobs.ts");`],
  ["src/contracts/a.ts", "const x = (name: string) => import(name);"],
  ["src/contracts/a.ts", `import { x } from "../../scripts/demo.mjs";`],
  ["src/contracts/a.test.ts", `import { x } from "../chaos/run.ts";`],
  ["src/world/clock.ts", `import { x } from "./node/time.ts";`],
  ["src/chaos/run.ts", `import { x } from "../world/node/files.ts";`],
  ["src/chaos/run.ts", `import type { X } from "../cli/context.ts";`],
  ["src/index.ts", `export { writeAll } from "./world/node/stdio.ts";`],
  ["src/strange/a.ts", "export const x = 1;"],
  ["src/store/a.ts", `import { readFileSync } from "node:fs";`],
  ["src/store/a.ts", `import fs from "fs";`],
  ["src/store/a.ts", `import { open } from "node:fs/promises";`],
  ["src/store/a.ts", `import { createHash } from "node:crypto";`],
  ["src/store/a.ts", `import { setTimeout } from "node:timers/promises";`],
  ["src/store/a.ts", `import koffi from "koffi";`],
  ["src/store/a.ts", `import pad from "left-pad";`],
  ["src/chaos/a.ts", `import { run } from "@stricli/core";`],
  ["src/store/a.ts", "setTimeout(() => {}, 5);"],
  ["src/store/a.ts", "const wait = globalThis.setTimeout;"],
  ["src/store/a.ts", `globalThis["setInterval"](() => {}, 5);`],
  ["src/store/a.ts", "const at = Date.now();"],
  ["src/store/a.ts", "const at = new Date();"],
  ["src/store/a.ts", "const at = new Date;"],
  ["src/store/a.ts", "const at = Date();"],
  ["src/store/a.ts", "const now = { clock: performance };"],
  ["src/store/a.ts", "const x = { performance };"],
  ["src/store/a.ts", "const x = Math.random() as number;"],
  ["src/store/a.ts", "const id = crypto.randomUUID();"],
  ["src/store/a.ts", "const home = process.env['HOME'];"],
  ["src/store/a.ts", "const { env } = process;"],
  ["src/store/a.ts", "process.exitCode = 1;"],
  ["src/store/a.ts", "class A { at = Date.now(); }"],
  ["src/store/a.ts", "const signal = AbortSignal.timeout(5);"],
  ["src/store/a.ts", `console.log("x");`],
  ["src/store/a.ts", `eval("1");`],
  ["src/store/a.ts", "const = 1;"],
  ["src/cli/a.ts", `process.stdout.write("x");`],
])("%s: %s is refused", (path, text) => {
  expect(breaches(path, text)).toHaveLength(1);
});

// What merely looks like a breach passes.
test.each([
  ["src/store/a.ts", `import { join } from "node:path"; import type { Files } from "../world/files.ts";`],
  ["src/store/a.ts", `// setTimeout(() => {}, 5)\nconst text = "Date.now() import('node:fs')";`],
  ["src/store/a.ts", "const at = new Date(0).toISOString(); const parsed = Date.parse('2020');"],
  ["src/store/a.ts", "export interface World { setTimeout: () => void; process: string; crypto(): void }"],
  ["src/store/a.ts", "export const f = (world: World) => world.process.env + world.performance;"],
  ["src/store/a.ts", "export const f = (setTimeout: () => void) => setTimeout();"],
  ["src/store/a.ts", "type Fetch = typeof fetch;"],
  ["src/store/a.ts", "const largest = Math.max(1, 2);"],
  ["src/store/a.test.ts", `import { x } from "../world/node/files.ts"; const at = Date.now();`],
  [
    "src/store/a.test.ts",
    `import { needs } from "../../test/support/needs.ts"; import fc from "fast-check";`,
  ],
  ["src/sim/a.ts", "process.nextTick(() => {});"],
  ["src/cli/a.ts", `import { x } from "../world/node/stdio.ts"; process.exitCode = 1;`],
  [
    "src/world/node/a.ts",
    `import fs from "node:fs"; import koffi from "koffi"; setTimeout(() => Date.now(), 5);`,
  ],
])("%s: %s is accepted", (path, text) => {
  expect(breaches(path, text)).toEqual([]);
});
