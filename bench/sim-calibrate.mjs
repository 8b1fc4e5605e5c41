// How well the oracles' checks see mistakes in the engine's real source, beside the planted traces of `apr sim
// calibrate`: for each patch, in how many simulated pulls its check signals, and the likelihood ratio against the engine
// as it is. A mistake shows only where a run comes by it, so that these shares are below those of planted traces.
//
//   node bench/sim-calibrate.mjs [SEEDS]        500 unless told
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { plantInto } from "./support/plant.mjs";
import { printRow } from "./support/rows.mjs";
import { importTs } from "./support/typescript.mjs";

const SEEDS = Number(process.argv[2] ?? 500);
const ENTRY = "test/support/calibration/count.ts";
const LIMIT_MS = 600_000;

const { PLANTS } = await importTs("test/support/oracles/plants.ts");
const { clopperPearson, likelihoodRatio } = await importTs("src/evidence/intervals.ts");
const folder = mkdtempSync(`${tmpdir()}/apr-calibrate-`);
try {
  const clean = await counted(null);
  const alarms = Object.values(clean.signals).reduce((sum, each) => sum + each, clean.unfinished);
  printRow({ name: `alarms in ${SEEDS} pulls of the engine as it is`, value: alarms, unit: "", atMost: 0 });
  for (const plant of PLANTS) {
    const { signals, unfinished } = await counted(plant);
    const seen = { signals: signals[plant.violation] ?? 0, runs: SEEDS };
    const none = { signals: clean.signals[plant.violation] ?? 0, runs: SEEDS };
    const { low, high } = clopperPearson(seen, 0.95);
    const others = Object.keys(signals).filter((each) => each !== plant.violation);
    console.log(`${plant.check}: ${plant.what}`);
    console.log(`  seen in ${seen.signals} of ${SEEDS} (${percent(low)} to ${percent(high)})`);
    console.log(`  also ${others.join(", ") || "none"}; ${unfinished} runs without an end`);
    printRow({
      name: "  likelihood ratio, lower end",
      value: likelihoodRatio(seen, none, 0.95).low,
      atLeast: 1,
    });
  }
  for (const defect of await defectsOfPulls()) {
    const { signals, unfinished } = await counted(defect);
    const seen = Object.entries(signals).map(([name, count]) => `${name} ${count}`);
    console.log(
      `${defect.name}: ${seen.join(", ") || "no signal"} of ${SEEDS}; ${unfinished} without an end`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Mistakes that scenarios of pulls find, by whatever they look at: the trace is one of it, so that no bar is set here.
 * @returns {Promise<readonly { name: string, file: string, find: string, replace: string }[]>}
 */
async function defectsOfPulls() {
  const path = "test/support/scenarios/defects.ts";
  if (!existsSync(new URL(`../${path}`, import.meta.url))) return [];
  const { DEFECTS } = await importTs(path);
  return DEFECTS.filter((/** @type {{ scenario: string }} */ { scenario }) =>
    ["single-pull", "multi-source", "cancel"].includes(scenario),
  );
}

/**
 * @param {{ file: string, find: string, replace: string } | null} patch
 * @returns {Promise<{ signals: Record<string, number>, unfinished: number }>}
 */
async function counted(patch) {
  const bundle = `${folder}/bundle.mjs`;
  if (existsSync(bundle)) rmSync(bundle);
  await plantInto(ENTRY, patch, bundle);
  const args = [bundle, "0", String(SEEDS)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    timeout: LIMIT_MS,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
