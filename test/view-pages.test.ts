/// <reference lib="dom" />
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFile, seriousFindings, startBrowser } from "./support/browser.ts";
import { apr } from "./support/cli.ts";
import { chaosEvidence, oomReport, packEvidence, storeEvidence } from "./support/evidence.ts";
import { findProgram, needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

// Every page of `apr view` in a real browser, made from real evidence.

let browser: Browser | null = null;
beforeAll(async () => {
  if (findProgram("chromium") !== undefined) browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
});

function started(): Browser {
  if (browser === null) throw new Error("no browser");
  return browser;
}

const MAX_PAGE_BYTES = 300 * 1024;

/** What to look at, and the words that must stand on its page. */
type Made = (folder: string) => Promise<readonly string[]>;
const KINDS: readonly (readonly [string, Made, readonly string[]])[] = [
  [
    "chaos",
    async (folder) => [await chaosEvidence(folder)],
    ["replaced the existing file", "F-CHAOS-004", "Memory"],
  ],
  [
    "crashpack",
    async (folder) => [await packEvidence(folder)],
    ["What happened when", "Chunks", "error.message"],
  ],
  ["store", async (folder) => [await storeEvidence(folder)], ["3 tags in", "a:before"]],
  [
    "report",
    async (folder) => {
      writeFileSync(join(folder, "oom.json"), oomReport());
      return Promise.resolve([join(folder, "oom.json")]);
    },
    ["ended by the kernel", "Memory over time", "attention.py:41", "Where each field is from"],
  ],
  [
    "two reports",
    async (folder) => {
      writeFileSync(join(folder, "a.json"), oomReport());
      writeFileSync(join(folder, "b.json"), oomReport({ peak_allocated_bytes: 3_200_000_000 }));
      return Promise.resolve([join(folder, "a.json"), join(folder, "b.json")]);
    },
    ["What changed", "+191 MiB"],
  ],
];

test.each(KINDS)("%s: opens offline without a complaint, and axe finds nothing serious", async (...args) => {
  const [, make, words] = args;
  const folder = tempDir();
  const file = join(folder, "page.html");
  const made = await apr(["view", ...(await make(folder)), "-o", file, "--json"]);
  expect(made.code, made.stderr).toBe(0);
  expect(made.json()).toMatchObject({ path: file, size: statSync(file).size });
  for (const colorScheme of ["light", "dark"] as const) {
    const { page, requests, said } = await openFile(started(), file, { colorScheme });
    expect(await seriousFindings(page)).toEqual([]);
    expect(said).toEqual([]);
    expect(requests).toEqual([]);
    const text = await page.locator("body").innerText();
    expect(words.filter((word) => !text.includes(word))).toEqual([]);
    await page.context().close();
  }
  // On a phone nothing runs out of the page.
  const { page } = await openFile(started(), file, { viewport: { width: 390, height: 800 } });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
  await page.context().close();
});

test("the lanes are used by keyboard: zoom, pan, search, all again", async (context) => {
  needs(context, "chromium");
  const folder = tempDir();
  const file = join(folder, "page.html");
  expect((await apr(["view", await packEvidence(folder), "-o", file])).code).toBe(0);
  const { page, said } = await openFile(started(), file);
  const canvas = page.locator("canvas").first();
  const picture = async (): Promise<string> => {
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    return canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
  };
  const whole = await picture();
  await canvas.focus();
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  const near = await picture();
  expect(near).not.toBe(whole);
  await page.keyboard.press("ArrowRight");
  expect(await picture()).not.toBe(near);
  expect(await page.locator("#announce").textContent()).toMatch(/ms to .*m?s$/);
  await page.keyboard.press("Home");
  expect(await picture()).toBe(whole);
  await page.locator("input[type=search]").fill("path_chosen");
  await page.keyboard.press("Enter");
  expect(await page.locator(".search span").textContent()).toMatch(/^ 1 of \d+: .*path_chosen/);
  // Details open by keyboard, and a copy button says what it did.
  await page.locator("button.copy").first().focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator("button.copy").first().textContent()).toMatch(/Copied|Selected/);
  expect(said).toEqual([]);
  await page.context().close();
});

test("a page without data is small", async () => {
  const folder = tempDir();
  writeFileSync(join(folder, "oom.json"), oomReport({ curve: {}, notes: [] }));
  const file = join(folder, "page.html");
  expect((await apr(["view", join(folder, "oom.json"), "-o", file])).code).toBe(0);
  expect(statSync(file).size).toBeLessThan(MAX_PAGE_BYTES);
});

const EVIL = `</script><script>alert(1)</script><img src=x onerror=alert(2)> javascript:alert(3) \u202egnp.exe`;

test("hostile evidence is shown as text, and nothing runs", async (context) => {
  needs(context, "chromium");
  const folder = tempDir();
  const long = "A".repeat(10_000_000);
  const report = oomReport({
    ...{ largest_alloc_stack: [EVIL, long], tensor_histogram: { [EVIL]: 3 }, notes: [EVIL, long] },
    ...{ cause: { killer: EVIL, message: EVIL, process: { name: EVIL } }, [`__proto__`]: { polluted: EVIL } },
    curve: { [EVIL]: [{ t_ms: 0, bytes: 1 }, { t_ms: "x", bytes: {} }, null] },
  });
  writeFileSync(join(folder, "evil.json"), report);
  const file = join(folder, "page.html");
  const made = await apr(["view", join(folder, "evil.json"), "-o", file]);
  expect(made.code, made.stderr).toBe(0);
  expect(made.stdout).not.toContain("\u202e");
  const { page, requests, said } = await openFile(started(), file);
  expect(said).toEqual([]);
  expect(requests).toEqual([]);
  expect(await page.locator("img").count()).toBe(0);
  expect(await page.locator("script").count()).toBeLessThan(6);
  const text = await page.locator("main").innerText();
  const has = (word: string): boolean => text.includes(word);
  expect([EVIL.slice(0, 30), "more characters are not shown here"].map(has)).toEqual([true, true]);
  expect(has("\u202e")).toBe(false);
  expect(text.length).toBeLessThan(1_000_000);
  await page.context().close();
});

test.each([
  ["another type in a fault", `{"command":["x"],"faults":[{"id":5}],"baseline":{}}`],
  ["no report at all", `{"a":1}`],
  ["a list", `[1,2]`],
  ["no JSON", `{"a":`],
])("%s is refused: exit 4, and no page", async (_, text) => {
  const folder = tempDir();
  writeFileSync(join(folder, "forged.json"), text);
  const made = await apr(["view", join(folder, "forged.json"), "-o", join(folder, "page.html"), "--json"]);
  expect(made.code).toBe(4);
  expect(made.json()).toMatchObject({ error: { kind: "malformed" } });
  expect(() => statSync(join(folder, "page.html"))).toThrow("ENOENT");
});

test("a page never replaces a file unasked, and nothing there is exit 3", async () => {
  const folder = tempDir();
  writeFileSync(join(folder, "oom.json"), oomReport());
  writeFileSync(join(folder, "page.html"), "mine");
  const again = ["view", join(folder, "oom.json"), "-o", join(folder, "page.html")];
  expect((await apr(again)).code).toBe(5);
  expect(readFileSync(join(folder, "page.html"), "utf8")).toBe("mine");
  expect((await apr([...again, "--force"])).code).toBe(0);
  expect((await apr(["view", join(folder, "nothing")])).code).toBe(3);
});
