// How many seeds each planted defect needs until its scenario finds it. APR_BENCH_SEEDS is the most that are tried.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { printRow } from "./support/rows.mjs";
import { median } from "./support/store.mjs";
import { importTs } from "./support/typescript.mjs";

const MAX_SEEDS = Number(process.env.APR_BENCH_SEEDS ?? 10_000);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { DEFECTS } = await importTs("test/support/scenarios/defects.ts");

/** @param {{ file: string, find: string, replace: string }} patch */
async function bundleOf({ file, find, replace }) {
  const path = resolve(ROOT, file);
  const parts = readFileSync(path, "utf8").split(find);
  if (parts.length !== 2)
    throw new Error(`${file} has the text to change ${parts.length - 1} times: ${find}`);
  const { outputFiles } = await build({
    ...{ absWorkingDir: ROOT, entryPoints: ["test/support/scenarios/hunt.ts"], write: false, bundle: true },
    ...{ platform: "node", format: "esm", target: "node20.19", external: ["koffi"], logLevel: "silent" },
    plugins: [
      {
        name: "plant",
        setup: (context) =>
          context.onLoad({ filter: /\.ts$/ }, (args) =>
            args.path === path ? { contents: parts.join(replace), loader: "ts" } : undefined,
          ),
      },
    ],
  });
  return outputFiles[0]?.text ?? "";
}

const folder = mkdtempSync(join(tmpdir(), "apr-power-"));
const seeds = [];
try {
  for (const defect of DEFECTS) {
    const bundle = join(folder, "bundle.mjs");
    writeFileSync(bundle, await bundleOf(defect));
    const told = execFileSync(process.execPath, [bundle, defect.scenario, "0", String(MAX_SEEDS)]);
    const hunted = JSON.parse(told.toString("utf8"));
    const value = hunted.found === null ? Number.POSITIVE_INFINITY : hunted.seeds;
    seeds.push(value);
    printRow({ name: `${defect.scenario}: ${defect.name}`, value, unit: "seeds", atMost: MAX_SEEDS });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
printRow({ name: `median of ${seeds.length} defects`, value: median(seeds), unit: "seeds", atMost: 1000 });
