import { hash } from "node:crypto";
import { scenarios } from "../../../src/scenarios/registry.ts";
import { runScenario } from "../../../src/scenarios/run.ts";
import { wholeTrace } from "../../../src/scenarios/trace.ts";
import type { Scenario } from "../../../src/scenarios/types.ts";
import type { Params } from "../../../src/scenarios/run-types.ts";

const SMALL: Readonly<Record<string, Params>> = { "single-pull": { chunks: 18 } };
const sha256 = (data: string | Uint8Array): string => hash("sha256", data, "hex");

/** The digest of everything that a run shows. */
async function digestOf(scenario: Scenario, seed: bigint): Promise<string> {
  const run = await runScenario(scenario, seed, { params: SMALL[scenario.name] ?? {} });
  return sha256(
    JSON.stringify([run.fingerprint, run.steps, wholeTrace(run.traces), run.choices, run.violations]),
  );
}

/** Plays every scenario twice from each seed. Says how many were the same, and how many different ones there were. */
export async function playTwice(
  seeds: number,
): Promise<readonly { readonly name: string; readonly same: number; readonly distinct: number }[]> {
  const found: { readonly name: string; readonly same: number; readonly distinct: number }[] = [];
  for (const scenario of scenarios) {
    const digests = new Set<string>();
    let same = 0;
    for (let seed = 0n; seed < BigInt(seeds); seed++) {
      const [one, other] = [await digestOf(scenario, seed), await digestOf(scenario, seed)];
      if (one === other) same += 1;
      digests.add(one);
    }
    found.push({ name: scenario.name, same, distinct: digests.size });
  }
  return found;
}
