import { argv } from "node:process";
import { packOfSim } from "../../../src/scenarios/pack.ts";
import { findScenario } from "../../../src/scenarios/registry.ts";
import { runScenario } from "../../../src/scenarios/run.ts";
import { minimizePack } from "../../../src/replay/minimize.ts";
import { writeAll } from "../../../src/world/node/stdio.ts";

// A program for the minimizer's tests and bench: looks for failing seeds of a scenario and minimizes each. It is bundled
// with a planted fault in the engine. Prints one JSON document.
//
//   node BUNDLE SCENARIO WANTED MAX_SEEDS

export interface MinimizedSeed {
  readonly seed: number;
  readonly violation: string;
  readonly from: number;
  readonly to: number;
  readonly runs: number;
  readonly ms: number;
  readonly oneMinimal: boolean;
  /** Looked at apart from the minimizer: the violation is there, and is gone without any single choice. */
  readonly checked: boolean;
  readonly story: readonly string[];
}

export interface MinimizedSeeds {
  /** How many were looked at. */
  readonly seeds: number;
  readonly found: readonly MinimizedSeed[];
}

const [, , name = "", wanted = "1", maxSeeds = "1000"] = argv;
const scenario = findScenario(name);
if (scenario === null) throw new Error(`no scenario ${name}`);
const found: MinimizedSeed[] = [];
let seed = 0;
for (; seed < Number(maxSeeds) && found.length < Number(wanted); seed++) {
  const run = await runScenario(scenario, BigInt(seed));
  const violation = run.violations[0]?.type;
  if (violation === undefined) continue;
  const pack = packOfSim(run, { seed: BigInt(seed), version: "0" });
  const startMs = performance.now();
  const { choices, from, oneMinimal, runs, story } = await minimizePack(pack, { version: "0" });
  const ms = performance.now() - startMs;
  const shows = async (list: typeof choices): Promise<boolean> =>
    (await runScenario(scenario, list)).violations.some(({ type }) => type === violation);
  let checked = await shows(choices);
  for (let at = 0; at < choices.length; at++) if (await shows(choices.toSpliced(at, 1))) checked = false;
  found.push({ seed, violation, from, to: choices.length, runs, ms, oneMinimal, checked, story });
}
const result: MinimizedSeeds = { seeds: seed, found };
writeAll(1, JSON.stringify(result));
process.exit(0);
