// Bundled with a defect in it, or without one, and run as a program of its own:
//
//   node bundle.mjs SCENARIO FROM UNTIL [KEY=VALUE…]
//
// Prints one line of JSON: the first seed that breaks something, or null, and how many were run.
import { argv } from "node:process";
import { findScenario } from "../../../src/scenarios/registry.ts";
import { runScenario } from "../../../src/scenarios/run.ts";

const [name = "", from = "0", until = "0", ...given] = argv.slice(2);
const scenario = findScenario(name);
if (scenario === null) throw new Error(`no scenario ${name}`);
const params = Object.fromEntries(
  given.map((each): [string, number] => {
    const [key = "", value] = each.split("=");
    return [key, Number(value)];
  }),
);
let seeds = 0;
let found: { readonly seed: string; readonly type: string; readonly detail: string } | null = null;
for (let seed = BigInt(from); seed < BigInt(until) && found === null; seed++) {
  const [first] = (await runScenario(scenario, seed, { params })).violations;
  seeds += 1;
  if (first !== undefined) found = { seed: String(seed), type: first.type, detail: first.detail };
}
process.stdout.write(`${JSON.stringify({ seeds, found })}\n`);
