import type { Int } from "../base/ints.ts";
import { type Json, type JsonObject, stringifyJson } from "../base/json.ts";
import { CrashpackBuilder } from "../crashpack/builder.ts";
import type { AtpCrashpack } from "../crashpack/pack.ts";
import type { OracleResult } from "../oracles/checks.ts";
import { findScenario } from "./registry.ts";
import { wholeTrace } from "./trace.ts";
import type { ScenarioRun, SimViolation } from "./run-types.ts";

/** What a run in the simulated world was: enough to run it again. */
export const SCENARIO_FILE = "scenario.json";
export const CHOICES_FILE = "choices.json";
const OBSERVATIONS_FILE = "observations.json";
/** Of these three files. */
export const SIM_FORMAT = 1;
/** What the metadata says of the kind of such a pack. */
export const SIM_KIND = "sim";

export interface PackOfSimOptions {
  /** Null for a run from choices. */
  readonly seed: bigint | null;
  /** Of apr. */
  readonly version: string;
  /** In plain words, a line each: what is left after minimizing. */
  readonly story?: readonly string[];
}

/** Packs a run: what it found, its trace, and all that a replay needs. Throws CrashpackError as the builder does. */
export function packOfSim(run: ScenarioRun, { seed, story, version }: PackOfSimOptions): AtpCrashpack {
  const builder = new CrashpackBuilder()
    .withTrace(wholeTrace(run.traces))
    .withMetadata("kind", SIM_KIND)
    .withMetadata("command", `sim run ${run.scenario}`)
    .withMetadata("apr_version", version)
    .withArtifactPath(SCENARIO_FILE, text(scenarioJson(run)))
    .withArtifactPath(CHOICES_FILE, choicesText(run))
    .withArtifactPath(OBSERVATIONS_FILE, text(observationsJson(run)));
  if (seed !== null) builder.withSeed("world", smallest(seed));
  if (story !== undefined) builder.withArtifactPath("story.txt", `${story.join("\n")}\n`);
  for (const result of resultsOf(run)) builder.withOracleResult(result);
  return builder.build();
}

/** One result for each type of violation, in the order in which they first came. */
function resultsOf({ scenario, violations }: ScenarioRun): readonly OracleResult[] {
  const byType = new Map<string, SimViolation[]>();
  for (const each of violations) byType.set(each.type, [...(byType.get(each.type) ?? []), each]);
  return [...byType].map(([type, found]) => ({
    oracle_name: `${scenario}/${type}`,
    violations: found.map(({ detail, process }) => ({
      violation_type: type,
      severity: "high",
      description: detail,
      evidence: process === null ? {} : { process: String(process) },
    })),
    stats: { entities_tracked: found.length, events_recorded: found.length },
    passed: false,
  }));
}

function scenarioJson({ fingerprint, params, scenario, steps, virtualMs }: ScenarioRun): JsonObject {
  const told = findScenario(scenario);
  return {
    format: SIM_FORMAT,
    scenario,
    title: told?.title ?? "",
    invariants: told?.invariants ?? [],
    params: { ...params },
    ran: { steps, virtual_ms: virtualMs, fingerprint },
  };
}

/** A line for each choice: a run has thousands of them. */
function choicesText({ choices }: ScenarioRun): string {
  const lines = choices.map(({ kind, nth, value, count }) => JSON.stringify([kind, nth, value, count]));
  return `{"format":${SIM_FORMAT},"columns":["kind","nth","value","count"],"choices":[\n${lines.join(",\n")}\n]}\n`;
}

function observationsJson({ coverage, observations, violations }: ScenarioRun): JsonObject {
  return {
    format: SIM_FORMAT,
    violations: violations.map((each) => ({ ...each })),
    coverage: Object.fromEntries([...coverage].sort(([a], [b]) => (a < b ? -1 : Number(a > b)))),
    seen: observations,
  };
}

function text(value: Json): string {
  return `${stringifyJson(value, 2)}\n`;
}

function smallest(seed: bigint): Int {
  return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed;
}
