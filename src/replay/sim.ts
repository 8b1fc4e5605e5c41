import { packOfSim } from "../scenarios/pack.ts";
import { BadRecipe, type SimRecipe, simRecipe } from "../scenarios/read-pack.ts";
import { findScenario } from "../scenarios/registry.ts";
import { runScenario } from "../scenarios/run.ts";
import type { Scenario } from "../scenarios/types.ts";
import type { ScenarioRun } from "../scenarios/run-types.ts";
import type { Choice } from "../sim/choices.ts";
import { findingsDifference, traceDifference } from "./compare.ts";
import type { Difference, Replayed, SoundPack } from "./types.ts";

/** A simulated run that can be played again here. */
export interface SimStory {
  readonly scenario: Scenario;
  readonly recipe: SimRecipe;
  readonly play: (choices: readonly Choice[]) => Promise<ScenarioRun>;
}

/** Reads the pack's scenario; a text says why it cannot be played here. */
export function simStory(pack: SoundPack): SimStory | string {
  let recipe: SimRecipe;
  try {
    recipe = simRecipe(pack);
  } catch (error) {
    if (error instanceof BadRecipe) return error.message;
    throw error;
  }
  const scenario = findScenario(recipe.scenario);
  if (scenario === null) return `this apr has no scenario ${JSON.stringify(recipe.scenario.slice(0, 64))}`;
  const unknown = Object.keys(recipe.params).find((key) => !(key in scenario.params));
  if (unknown !== undefined) {
    return `its scenario has no parameter ${JSON.stringify(unknown.slice(0, 64))} in this apr`;
  }
  const options = { params: recipe.params };
  return { scenario, recipe, play: (choices) => runScenario(scenario, choices, options) };
}

/** What happens to the store leaves little in a trace: every call of the world must have come when it did. */
function orderDifference({ fingerprint }: SimRecipe, run: ScenarioRun): Difference | null {
  if (fingerprint === null || fingerprint === run.fingerprint) return null;
  const what = "the same trace, and the calls of the world came in another order";
  return { event: null, recorded: null, replayed: null, what };
}

/** Plays the scenario again with the pack's choices. */
export async function replaySim(pack: SoundPack): Promise<Replayed> {
  const story = simStory(pack);
  if (typeof story === "string") return { kind: "not-replayable", why: story };
  const run = await story.play(story.recipe.choices);
  const again = packOfSim(run, { seed: null, version: "" });
  const { oracle_results: found, trace_events: trace } = again;
  const difference =
    traceDifference(pack.trace_events, trace) ??
    findingsDifference(pack.oracle_results, found) ??
    orderDifference(story.recipe, run);
  return { kind: "ran", trace, difference };
}
