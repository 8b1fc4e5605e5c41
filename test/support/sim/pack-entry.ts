import { argv } from "node:process";
import { packOfSim } from "../../../src/scenarios/pack.ts";
import { findScenario } from "../../../src/scenarios/registry.ts";
import { runScenario } from "../../../src/scenarios/run.ts";
import { nodeStoreWorld } from "../../../src/world/node/store-world.ts";

// A program that packs the first run of a scenario that breaks something, from a seed on. It is bundled with a planted
// fault in the engine.
//
//   node BUNDLE SCENARIO FIRST_SEED DIR

const MAX_SEEDS = 5_000n;

const [, , name = "", first = "0", dir = ""] = argv;
const scenario = findScenario(name);
if (scenario === null) throw new Error(`no scenario ${name}`);
for (let seed = BigInt(first); ; seed++) {
  if (seed > BigInt(first) + MAX_SEEDS) throw new Error("no seed breaks anything");
  const run = await runScenario(scenario, seed);
  if (run.violations.length === 0) continue;
  await packOfSim(run, { seed, version: "0" }).emitAtpTrace(nodeStoreWorld, dir);
  break;
}
process.exit(0);
