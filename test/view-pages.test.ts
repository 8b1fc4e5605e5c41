/// <reference lib="dom" />
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFile, seriousFindings, startBrowser } from "./support/browser.ts";
import { apr } from "./support/cli.ts";
import {
  chaosEvidence,
  deathEvidence,
  fitAdvice,
  oomReport,
  packEvidence,
  proofEvidence,
  simEvidence,
  snapshotEvidence,
  storeEvidence,
  sweepEvidence,
  traceEvidence,
} from "./support/evidence.ts";
import { findProgram, needs } from "./support/needs.ts";
import { simSweep, sweepReport } from "./support/sweep-evidence.ts";
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
    [
      "ended by the kernel",
      "Memory over time",
      "attention.py:41",
      "4 smaller stacks",
      "Where each field is from",
    ],
  ],
  [
    "snapshot",
    async (folder) => [await snapshotEvidence(folder)],
    ["Who held memory at the peak", "41 stacks by what they held", "device 0 allocated"],
  ],
  [
    "death",
    async (folder) => [await deathEvidence(folder)],
    ["Memory over time", "--max-old-space-size=24", "Where each field is from"],
  ],
  [
    "clean sim sweep",
    async (folder) => [await simEvidence(folder)],
    ["0 of 41 runs broke something", "Faults × states"],
  ],
  [
    "real sweep",
    async (folder) => [(await sweepEvidence(folder)).json],
    ["apr qa sweep: cp {model} {out}", "partial output", "(INJECTED)", "a cell a system call"],
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
  ["trace", async (folder) => [await traceEvidence(folder)], ["nothing was violated", "APR-ATP-CLOSING"]],
  ["proof", async (folder) => [await proofEvidence(folder)], ["1 of 1 command failed", "begun"]],
  [
    "sweep",
    (folder) => written(folder, sweepReport()),
    ["1 finding, 1 known; 4 of 11 tried points failed", "packs/qa-sweep-1", "not-fired"],
  ],
  [
    "sim sweep",
    (folder) => written(folder, simSweep()),
    ["2 of 2,000 runs broke something", "apr sim run single-pull --seed 18446744073709551615 --chunks 64"],
  ],
  [
    "fit",
    (folder) => written(folder, fitAdvice()),
    ["does not fit: 9.3 GiB in 8 GiB", "quantization", "Q4_K_M"],
  ],
];

async function written(folder: string, text: string): Promise<readonly string[]> {
  writeFileSync(join(folder, "evidence.json"), text);
  return Promise.resolve([join(folder, "evidence.json")]);
}

test.for(KINDS)(
  "%s: opens offline without a complaint, and axe finds nothing serious",
  async ([kind, make, words], context) => {
    needs(context, "chromium", ...(kind === "real sweep" ? (["strace"] as const) : []));
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
  },
);

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

test("a cell of the matrix leads to its finding, by keys and by a click", async (context) => {
  needs(context, "chromium");
  const folder = tempDir();
  const file = join(folder, "page.html");
  const [evidence = ""] = await written(folder, sweepReport());
  expect((await apr(["view", evidence, "-o", file])).code).toBe(0);
  const { page, said } = await openFile(started(), file);
  const opened = (id: string): Promise<boolean> =>
    page.locator(`#${id}`).evaluate((element) => (element as HTMLDetailsElement).open);
  const close = (id: string): Promise<void> =>
    page.locator(`#${id}`).evaluate((element) => void ((element as HTMLDetailsElement).open = false));
  await Promise.all(["finding-1", "finding-2"].map(close));
  const canvas = page.locator("canvas").first();
  await canvas.focus();
  let cell = "";
  // Through every row and cell, until one is the known finding's.
  for (let step = 0; step < 80 && !cell.includes("SIGTERM · read:1 · failed"); step++) {
    await page.keyboard.press(step % 10 === 9 ? "ArrowDown" : step % 20 < 9 ? "ArrowRight" : "ArrowLeft");
    cell = (await page.locator("#announce").textContent()) ?? "";
  }
  expect(cell).toContain("SIGTERM · read:1 · failed");
  expect([await opened("finding-1"), await opened("finding-2")]).toEqual([false, false]);
  await page.keyboard.press("Enter");
  expect([await opened("finding-1"), await opened("finding-2")]).toEqual([false, true]);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("SIGTERM on read");
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
