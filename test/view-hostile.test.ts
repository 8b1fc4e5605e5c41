import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { tarHeader } from "../src/crashpack/tar.ts";
import { openFile, startBrowser } from "./support/browser.ts";
import { apr } from "./support/cli.ts";
import { oomReport } from "./support/evidence.ts";
import { needs } from "./support/needs.ts";
import { simSweep, sweepReport } from "./support/sweep-evidence.ts";
import { tempDir } from "./support/temp.ts";

// Evidence from somebody who means harm: it is shown as text, or refused.

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
  const browser = await startBrowser();
  const { page, requests, said } = await openFile(browser, file);
  expect(said).toEqual([]);
  expect(requests).toEqual([]);
  expect(await page.locator("img").count()).toBe(0);
  expect(await page.locator("script").count()).toBeLessThan(6);
  const text = await page.locator("main").innerText();
  const has = (word: string): boolean => text.includes(word);
  expect([EVIL.slice(0, 30), "more characters are not shown here"].map(has)).toEqual([true, true]);
  expect(has("\u202e")).toBe(false);
  expect(text.length).toBeLessThan(1_000_000);
  await browser.close();
});

test.each([
  ["another type in a fault", `{"command":["x"],"faults":[{"id":5}],"baseline":{}}`],
  ["another type in a sweep", sweepReport({ counts: { total: "12" } })],
  ["a sweep whose points are none", sweepReport({ unreached: [7] })],
  ["a sim sweep that counts in words", simSweep({ scenarios: [{ scenario: "a", params: {}, tally: {} }] })],
  ["a trace with an entry that is no event", `[{"version":1,"seq":1,"time_ns":1,"kind":"a","data":null},5]`],
  ["a sweep whose command holds a NUL", sweepReport({ command: ["cp", "a\0b"] })],
  ["a proof without its commands", `{"schema_version":1,"objective":null,"replay":{}}`],
  ["no report at all", `{"a":1}`],
  ["a list", `[1,2]`],
  ["an empty list", `[]`],
  ["no JSON", `{"a":`],
])("%s is refused: exit 4, and no page", async (_, text) => {
  const folder = tempDir();
  writeFileSync(join(folder, "forged.json"), text);
  const made = await apr(["view", join(folder, "forged.json"), "-o", join(folder, "page.html"), "--json"]);
  expect(made.code).toBe(4);
  expect(made.json()).toMatchObject({ error: { kind: "malformed" } });
  expect(() => statSync(join(folder, "page.html"))).toThrow("ENOENT");
});

test("an archive whose names lead out of its folder is refused, and nothing is written outside", async () => {
  const folder = tempDir();
  const inner = join(folder, "a", "b");
  mkdirSync(inner, { recursive: true });
  for (const name of ["crashpack/../../../evil.txt", "/tmp/apr-evil.txt", "crashpack/..\\..\\evil.txt"]) {
    const content = Buffer.alloc(512, "x");
    const tar = Buffer.concat([
      tarHeader({ name, sizeBytes: content.length, mode: 0o644 }),
      content,
      Buffer.alloc(1024),
    ]);
    writeFileSync(join(inner, "evil.tar.gz"), gzipSync(tar));
    const made = await apr(["view", join(inner, "evil.tar.gz"), "-o", join(inner, "page.html"), "--json"]);
    expect(made.code, made.stderr).toBe(4);
  }
  expect([readdirSync(folder), readdirSync(join(folder, "a")), readdirSync(inner)]).toEqual([
    ["a"],
    ["b"],
    ["evil.tar.gz"],
  ]);
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
