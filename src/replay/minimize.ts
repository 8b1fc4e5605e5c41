import {
  type Minimized,
  type RunAgain,
  TraceMinimizer,
  type TraceMinimizerConfig,
} from "../crashpack/minimize.ts";
import type { AtpCrashpack } from "../crashpack/pack.ts";
import { packOfSim } from "../scenarios/pack.ts";
import { storyOf } from "../scenarios/story.ts";
import type { ScenarioRun } from "../scenarios/run-types.ts";
import type { Choice } from "../sim/choices.ts";
import { typesOf } from "./compare.ts";
import { ReplayError } from "./errors.ts";
import { kindOf } from "./kind.ts";
import { simStory } from "./sim.ts";
import type { SoundPack } from "./types.ts";

export interface MinimizedPack extends Minimized<Choice> {
  /** The violation that every run that was kept shows. */
  readonly violation: string;
  readonly story: readonly string[];
  readonly pack: AtpCrashpack;
}

export interface MinimizeOptions {
  /** Of apr. */
  readonly version: string;
  /** The violation that must remain; the pack's first one unless told. */
  readonly violation?: string;
  readonly config?: Partial<TraceMinimizerConfig>;
  /** Called after each run with how many there were. */
  readonly onRun?: (runs: number) => void;
}

/**
 * Shrinks the choices of a simulated run while the same violation remains, and packs what is left. Throws ReplayError:
 * `not-replayable` for what is no such run, `not-reproduced` when its failure does not come again.
 */
export async function minimizePack(
  pack: SoundPack,
  { config, onRun, version, violation: told }: MinimizeOptions,
): Promise<MinimizedPack> {
  if (kindOf(pack) !== "sim") {
    throw new ReplayError("not-replayable", "only a simulated run has choices that can be left out");
  }
  const story = simStory(pack);
  if (typeof story === "string") throw new ReplayError("not-replayable", story);
  const violation = told ?? typesOf(pack.oracle_results)[0];
  if (violation === undefined)
    throw new ReplayError("not-reproduced", "the pack has no violation to look for");
  let runs = 0;
  const runAgain: RunAgain<Choice> = async (choices) => {
    const run = await story.play(choices);
    runs += 1;
    onRun?.(runs);
    return shows(run, violation) ? run.choices : null;
  };
  const minimized = await new TraceMinimizer(runAgain, config).minimize(story.recipe.choices);
  if (minimized === null) {
    throw new ReplayError("not-reproduced", `${violation} does not come again with the choices of the pack`);
  }
  const run = await story.play(minimized.choices);
  const lines = storyOf(run);
  return {
    ...minimized,
    violation,
    story: lines,
    pack: packOfSim(run, { seed: null, version, story: lines }),
  };
}

function shows({ violations }: ScenarioRun, violation: string): boolean {
  return violations.some(({ type }) => type === violation);
}
