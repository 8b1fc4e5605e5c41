// How many seeds each planted defect needs until its scenario finds it. APR_BENCH_SEEDS is the most that are tried.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plantInto } from "./support/plant.mjs";
import { printRow } from "./support/rows.mjs";
import { median } from "./support/store.mjs";
import { importTs } from "./support/typescript.mjs";

const MAX_SEEDS = Number(process.env.APR_BENCH_SEEDS ?? 10_000);
const { DEFECTS } = await importTs("test/support/scenarios/defects.ts");

const folder = mkdtempSync(join(tmpdir(), "apr-power-"));
const seeds = [];
try {
  for (const defect of DEFECTS) {
    const bundle = join(folder, "bundle.mjs");
    await plantInto("test/support/scenarios/hunt.ts", defect, bundle);
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
