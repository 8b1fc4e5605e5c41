import type { Choice } from "../sim/choices.ts";
import { Deadlock, StepLimit } from "../sim/scheduler.ts";
import { Sim } from "../sim/sim.ts";
import { standInDigest } from "../sim/stand-in.ts";
import { Stage } from "./stage.ts";
import type { Scenario } from "./types.ts";
import type { Params, ScenarioRun } from "./run-types.ts";

export interface RunOptions {
  /** Other values than the scenario's own. */
  readonly params?: Params;
}

/**
 * Plays a scenario once, from a seed of 64 bits or from the choices of an earlier run. The same arguments give the
 * same run, on any machine. What the engine throws is a violation of its own, never an error of this function.
 *
 * Throws RangeError for a parameter that the scenario does not have.
 */
export async function runScenario(
  scenario: Scenario,
  from: bigint | readonly Choice[],
  { params: given = {} }: RunOptions = {},
): Promise<ScenarioRun> {
  const params = paramsOf(scenario, given);
  const sim = new Sim({ ...scenario.setting(params), choices: from, sha256: standInDigest });
  const stage = new Stage(sim, params);
  try {
    await sim.run(() => scenario.play(stage));
  } catch (error) {
    stage.broken(typeOf(error), error instanceof Error ? error.message : String(error));
  }
  return {
    scenario: scenario.name,
    params,
    choices: sim.choices,
    traces: stage.traces,
    violations: stage.violations,
    coverage: sim.coverage.counts,
    pairs: sim.coverage.pairs,
    steps: sim.scheduler.steps,
    virtualMs: sim.scheduler.nowUs / 1000,
    fingerprint: sim.fingerprint,
    notes: sim.chooser.notes,
    observations: stage.observations,
  };
}

function typeOf(error: unknown): string {
  if (error instanceof Deadlock) return "deadlock";
  return error instanceof StepLimit ? "no_end" : "crash";
}

function paramsOf({ name, params }: Scenario, given: Params): Params {
  for (const [key, value] of Object.entries(given)) {
    if (!(key in params)) throw new RangeError(`${name} has no parameter ${key}`);
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${key} is no count: ${value}`);
  }
  return { ...params, ...given };
}
