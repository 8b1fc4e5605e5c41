import { keepInto } from "../../crashpack/of-run.ts";
import { packOfSim } from "../../scenarios/pack.ts";
import { runScenario } from "../../scenarios/run.ts";
import type { Scenario } from "../../scenarios/types.ts";
import type { Params, ScenarioRun } from "../../scenarios/run-types.ts";
import type { Tally } from "../../scenarios/tally.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import type { AprContext } from "../context.ts";
import { keepRun } from "../crashpack/keep-run.ts";
import { VERSION } from "../version.ts";

/** More kinds of failures than this are one bug seen in many ways. */
const MAX_PACKS = 10;

/** Keeps a pack of a run that broke something, and says where. */
export async function keepSim(
  context: AprContext,
  told: string | undefined,
  run: ScenarioRun,
  seed: bigint,
): Promise<void> {
  const path = await keepRun(context, told, (place) =>
    keepInto(nodeStoreWorld, place, `sim-${run.scenario}`, packOfSim(run, { seed, version: VERSION })),
  );
  if (path !== null) context.err(`  smaller    apr replay ${path} --minimize\n`);
}

/** The same for a sweep: the first seed of each type of violation is run once more, and packed. */
export async function keepFailures(
  context: AprContext,
  told: string | undefined,
  { params, scenario }: { readonly scenario: Scenario; readonly params: Params },
  { failures }: Tally,
): Promise<void> {
  const first = new Map<string, bigint>();
  for (const { seed, type } of failures) if (!first.has(type)) first.set(type, BigInt(seed));
  for (const seed of new Set([...first.values()].slice(0, MAX_PACKS))) {
    await keepSim(context, told, await runScenario(scenario, seed, { params }), seed);
  }
}
