// Draws docs/views/*.png anew: each kind of evidence as apr view shows it, on a phone, a laptop and paper.
// Needs the built command and Debian's chromium. `npm run views`.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const MAX_PNG_BYTES = 150 * 1024;
const SIZES = {
  phone: { viewport: { width: 390, height: 844 } },
  laptop: { viewport: { width: 1280, height: 800 } },
  print: { viewport: { width: 794, height: 1123 } },
};
const MAKERS = `
  export { apr } from "./test/support/cli.ts";
  export * from "./test/support/evidence.ts";
`;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "apr-views-"));
const out = "docs/views";
mkdirSync(out, { recursive: true });
for (const name of readdirSync(out).filter((each) => each.endsWith(".png"))) rmSync(join(out, name));
try {
  await drawAll(await makers());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// A server of the evidence may still hold its port open.
process.exit();

/** What the tests make their evidence with. */
async function makers() {
  const outfile = join(folder, "makers.mjs");
  await build({
    stdin: { contents: MAKERS, resolveDir: process.cwd(), loader: "ts" },
    ...{ bundle: true, platform: "node", format: "esm", target: "node20.19", outfile, logLevel: "warning" },
    // They look for the built command from where they lie.
    define: { "import.meta.url": JSON.stringify(pathToFileURL("test/support/cli.ts").href) },
  });
  return import(pathToFileURL(outfile).href);
}

async function drawAll(make) {
  const kinds = {
    chaos: await make.chaosEvidence(folder),
    crashpack: await make.packEvidence(folder),
    store: await make.storeEvidence(folder),
    "out-of-memory": await make.deathEvidence(folder),
    sweep: (await make.sweepEvidence(folder)).json,
    "sim-sweep": await make.simEvidence(folder),
  };
  const browser = await chromium.launch({
    executablePath: process.env.APR_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
  });
  for (const [kind, path] of Object.entries(kinds)) {
    const page = join(folder, `${kind}.html`);
    const { code, stderr } = await make.apr(["view", path, "-o", page]);
    if (code !== 0) throw new Error(stderr);
    for (const [size, options] of Object.entries(SIZES)) await draw(browser, page, kind, size, options);
  }
  await browser.close();
}

async function draw(browser, file, kind, size, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  if (size === "print") await page.emulateMedia({ media: "print" });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("html[data-ready=yes]", { state: "attached" });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const path = join(out, `${kind}-${size}.png`);
  await page.screenshot({ path });
  await context.close();
  const { size: bytes } = statSync(path);
  process.stdout.write(`${path}  ${Math.ceil(bytes / 1024)} KiB\n`);
  if (bytes > MAX_PNG_BYTES) throw new Error(`${path} has ${bytes} bytes, more than ${MAX_PNG_BYTES}`);
}
