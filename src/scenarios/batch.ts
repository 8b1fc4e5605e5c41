import { findScenario } from "./registry.ts";
import { runScenario } from "./run.ts";
import { type Tally, Tallying } from "./tally.ts";
import type { Params } from "./run-types.ts";

/** A part of a sweep: `count` seeds, each `step` after the one before. */
export interface Batch {
  readonly scenario: string;
  readonly params: Params;
  readonly from: bigint;
  readonly step: bigint;
  readonly count: number;
}

/** Runs them, one after the other. Throws RangeError for a scenario or a parameter that is not there. */
export async function runBatch({ count, from, params, scenario, step }: Batch): Promise<Tally> {
  const found = findScenario(scenario);
  if (found === null) throw new RangeError(`no scenario ${scenario}`);
  const tallying = new Tallying();
  for (let nth = 0; nth < count; nth++) {
    const seed = from + BigInt(nth) * step;
    tallying.add(seed, await runScenario(found, seed, { params }));
  }
  return tallying.tally;
}
