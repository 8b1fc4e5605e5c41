// The minimizer over failing seeds: planted defects in the engine's real source make them fail. How much of the choices
// is left, how many runs it took, and whether leaving out any one more makes the violation go away.
// APR_BENCH_SEEDS sets how many failing seeds each defect gives.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { plantInto } from "./support/plant.mjs";
import { printRow } from "./support/rows.mjs";
import { inFolder, median } from "./support/store.mjs";
import { importTs } from "./support/typescript.mjs";

const SEEDS = Number(process.env.APR_BENCH_SEEDS ?? 2);
const MAX_SEEDS = 20_000;

const { DEFECTS } = await importTs("test/support/scenarios/defects.ts");

await inFolder(async (folder) => {
  /** @type {import("../test/support/sim/minimize-entry.ts").MinimizedSeed[]} */
  const all = [];
  for (const plant of DEFECTS) {
    const bundle = join(folder, "planted.mjs");
    await plantInto("test/support/sim/minimize-entry.ts", plant, bundle);
    const args = [bundle, plant.scenario, String(SEEDS), String(MAX_SEEDS)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(`${plant.name}: ${stderr}`);
    const { found } = /** @type {import("../test/support/sim/minimize-entry.ts").MinimizedSeeds} */ (
      JSON.parse(stdout)
    );
    all.push(...found);
  }
  const name = `minimize ${all.length} failing seeds of ${DEFECTS.length} defects`;
  printRow({ name, value: all.length, unit: "seeds", atLeast: 50 });
  const reduction = median(all.map(({ from, to }) => 100 * (1 - to / from)));
  printRow({ name: "  choices left out, median", value: reduction, unit: "%", atLeast: 95 });
  printRow({ name: "  runs, median", value: median(all.map(({ runs }) => runs)), unit: "runs", atMost: 200 });
  printRow({ name: "  runs, most", value: Math.max(...all.map(({ runs }) => runs)), unit: "runs" });
  printRow({ name: "  choices left, most", value: Math.max(...all.map(({ to }) => to)), unit: "choices" });
  const minimal = all.filter(({ checked, oneMinimal }) => checked && oneMinimal).length;
  printRow({ name: "  1-minimal, run by run", value: (100 * minimal) / all.length, unit: "%", atLeast: 100 });
});
