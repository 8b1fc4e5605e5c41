// Large evidence in the viewer, in Debian's Chromium: 1,000,000 events on lanes, 5,000,000 samples on a curve, an
// 8 MB report; how long until all of it is drawn, and how many frames a second while it is panned.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { printRow } from "./support/rows.mjs";
import { inFolder } from "./support/store.mjs";

const EVENTS = Number(process.env.APR_BENCH_EVENTS ?? 1_000_000);
const SAMPLES = Number(process.env.APR_BENCH_SAMPLES ?? 5_000_000);
const PAN_MS = 2000;

const WRITER = `
  import { readFileSync, writeFileSync } from "node:fs";
  import { LaneColumns } from "./src/reports/html/lane-columns.ts";
  import { oomPage } from "./src/reports/html/oom-page.ts";
  import { htmlPage } from "./src/reports/html/page.ts";
  const assets = JSON.parse(readFileSync("dist/viewer.json", "utf8"));
  const [events, samples, folder] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
  const write = (name, blocks) => writeFileSync(folder + "/" + name, htmlPage(
    { title: name, finding: "a bench", verdict: "pass", blocks }, assets));
  const lanes = new LaneColumns();
  for (let at = 0; at < events; at++) {
    const attempt = "a" + (at >> 1);
    const path = "https://mirror-" + (at % 7) + ".example/m.gguf";
    lanes.add({ time_ns: at * 1377, kind: at % 2 === 0 ? "path_chosen" : "path_done",
      data: { attempt, chunk: "blob#" + (at >> 1), path: at % 2 === 0 ? path : path } });
  }
  write("events.html", [{ kind: "picture", picture: lanes.picture("events", "many", []) }]);
  const timeMs = Float64Array.from({ length: samples }, (_, at) => at);
  const values = Float64Array.from({ length: samples }, (_, at) => 1e9 * (1 + Math.sin(at / 1e5)) + (at * 7919) % 1e8);
  write("samples.html", [{ kind: "picture", picture: { kind: "series", title: "samples", summary: "many", unit: "bytes",
    timeMs, series: [{ name: "resident", values }], stacked: false, levels: [], marks: [] } }]);
  const histogram = Object.fromEntries(Array.from({ length: 300000 }, (_, at) => ["bucket of " + at + " bytes", at]));
  const report = { peak_allocated_bytes: 1, peak_reserved_bytes: 2, largest_alloc_stack: ["a"], tensor_histogram: histogram,
    last_100_ops: [], exit_code: 1, timestamp: "2026-01-01T00:00:00Z" };
  const size = JSON.stringify(report).length;
  writeFileSync(folder + "/report.html", htmlPage(oomPage("report", report, []), assets));
  write("empty.html", []);
  const word = { kind: "text", text: "A".repeat(1e7) };
  write("words.html", [word, word, word, word]);
  process.stdout.write(String(size));
`;

await inFolder(async (folder) => {
  const { outputFiles } = await build({
    stdin: { contents: WRITER, resolveDir: fileURLToPath(new URL("..", import.meta.url)), loader: "ts" },
    ...{ bundle: true, platform: "node", format: "esm", target: "node20.19", packages: "external" },
    write: false,
  });
  const path = join(folder, "writer.mjs");
  writeFileSync(path, outputFiles[0]?.text ?? "");
  const { spawnSync } = await import("node:child_process");
  const written = spawnSync(process.execPath, [path, String(EVENTS), String(SAMPLES), folder], {
    encoding: "utf8",
  });
  if (written.status !== 0) throw new Error(written.stderr);
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    const open = await opened(browser, join(folder, "empty.html"));
    printRow({ name: "an empty page", value: open.seconds, unit: "s" });
    for (const [name, what] of [
      ["events.html", `${EVENTS} events`],
      ["samples.html", `${SAMPLES} samples`],
    ]) {
      const { frames, seconds } = await opened(browser, join(folder, name ?? ""), PAN_MS);
      printRow({ name: `${what}: until drawn`, value: seconds, unit: "s", atMost: 3 });
      printRow({ name: `${what}: while panned`, value: frames, unit: "frames/s", atLeast: 30 });
    }
    const { seconds } = await opened(browser, join(folder, "report.html"));
    printRow({ name: `a report of ${written.stdout} bytes`, value: seconds, unit: "s", atMost: 1 });
    const { seconds: words } = await opened(browser, join(folder, "words.html"));
    printRow({ name: "four words of 10 MB", value: words, unit: "s", atMost: 1 });
  } finally {
    await browser.close();
  }
});

/** @param {import("playwright-core").Browser} browser @param {string} file */
async function opened(browser, file, panMs = 0) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const start = performance.now();
  await page.goto(pathToFileURL(file).href, { waitUntil: "commit" });
  await page.waitForFunction(() => document.documentElement.dataset.ready === "yes", undefined, {
    timeout: 60_000,
  });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const seconds = (performance.now() - start) / 1000;
  let frames = 0;
  if (panMs > 0) {
    frames = await page.evaluate((ms) => {
      const canvas = document.querySelector("canvas");
      canvas?.focus();
      const press = (key) =>
        canvas?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      press("+");
      return new Promise((done) => {
        let count = 0;
        const begun = performance.now();
        const next = () => {
          count += 1;
          press(count % 40 < 20 ? "ArrowRight" : "ArrowLeft");
          if (performance.now() - begun < ms) requestAnimationFrame(next);
          else done((1000 * count) / (performance.now() - begun));
        };
        requestAnimationFrame(next);
      });
    }, panMs);
  }
  await page.close();
  return { frames, seconds };
}
