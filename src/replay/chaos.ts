import { asAprError } from "../base/errors.ts";
import { FAULTS, runChaos } from "../chaos/harness.ts";
import { type ChaosRecipe, chaosRecipe, failedChaos, faultOf } from "../chaos/pack.ts";
import type { ChaosFaultId } from "../contracts/chaos-report.ts";
import { packOfRun } from "../crashpack/of-run.ts";
import type { OracleResult } from "../oracles/checks.ts";
import type { World } from "../world/world.ts";
import { ReplayError } from "./errors.ts";
import type { Replayed, SoundPack } from "./types.ts";

/** How far somebody's command may be trusted, and what of it is asked for. */
export interface ChaosReplay {
  /** Run it, in the sandbox. */
  readonly allowExec: boolean;
  /** `005` or `F-CHAOS-005`; undefined for every fault that failed. */
  readonly fault: string | undefined;
  /** Absolute: where relative paths of the command begin. */
  readonly cwd: string;
  readonly abort: AbortSignal;
}

/** One failure of one fault. */
interface Failure {
  readonly name: string;
  readonly code: string;
}

/** Breaks the pack's command again, where that is allowed. Nothing of the pack reaches its environment. */
export async function replayChaos(world: World, pack: SoundPack, how: ChaosReplay): Promise<Replayed> {
  const recipe = chaosRecipe(pack);
  if (typeof recipe === "string") return { kind: "not-replayable", why: recipe };
  const faults = faultsOf(pack.oracle_results, how.fault);
  if (!how.allowExec) {
    const why =
      "it holds somebody's command, which nobody has looked at; --allow-exec runs it in the sandbox";
    return { kind: "not-replayable", why };
  }
  const missing = await modelProblem(world, recipe);
  if (missing !== null) return { kind: "not-replayable", why: missing };
  const wanted = failuresOf(pack.oracle_results, faults);
  let again: readonly Failure[];
  try {
    again = await breakAgain(world, recipe, faults, how);
  } catch (error) {
    const { kind, message } = asAprError(error);
    if (how.abort.aborted || (kind !== "inconclusive" && kind !== "not-found" && kind !== "usage"))
      throw error;
    return { kind: "not-replayable", why: message };
  }
  const gone = wanted.find(
    ({ code, name }) => !again.some((each) => each.name === name && each.code === code),
  );
  const more = again.filter(
    ({ code, name }) => !wanted.some((each) => each.name === name && each.code === code),
  );
  return {
    kind: "judged",
    difference:
      gone === undefined
        ? null
        : {
            event: null,
            recorded: null,
            replayed: null,
            what: `${gone.name} (${gone.code}) did not fail this time`,
          },
    notes: [
      ...(gone === undefined ? wanted.map(({ code, name }) => `again: ${name} (${code})`) : []),
      ...more.map(({ code, name }) => `and this time also: ${name} (${code})`),
    ],
  };
}

/** The command of a chaos pack, to be shown; null where there is none. */
export function commandOf(pack: SoundPack): readonly string[] | null {
  const recipe = chaosRecipe(pack);
  return typeof recipe === "string" ? null : recipe.command;
}

/** Those of the pack that failed, or the one that was asked for. Throws ReplayError for one that did not. */
function faultsOf(results: readonly OracleResult[], told: string | undefined): readonly ChaosFaultId[] {
  const failed = FAULTS.map(({ id }) => id).filter((id) =>
    results.some(({ oracle_name: name }) => faultOf(name) === id),
  );
  if (told === undefined) return failed;
  const id = failed.find((known) => known === told || known.endsWith(`-${told.padStart(3, "0")}`));
  if (id !== undefined) return [id];
  throw new ReplayError(
    "no-such-fault",
    `no failure of the fault ${JSON.stringify(told.slice(0, 64))} is in the pack`,
    `there are ${failed.join(", ") || "none"}`,
  );
}

function failuresOf(results: readonly OracleResult[], faults: readonly ChaosFaultId[]): readonly Failure[] {
  return results
    .filter(({ oracle_name: name }) => faults.some((id) => id === faultOf(name)))
    .flatMap(({ oracle_name: name, violations }) =>
      violations.map(({ violation_type: code }) => ({ name, code })),
    );
}

async function modelProblem({ files }: World, { model, modelBytes }: ChaosRecipe): Promise<string | null> {
  if (model === undefined) return null;
  const facts = await files.facts(model);
  if (facts === null) return `its model is not here: ${model}`;
  if (facts.kind !== "file" || modelBytes === null || facts.sizeBytes === modelBytes) return null;
  return `its model is another one: ${model} has ${facts.sizeBytes} bytes, and had ${modelBytes}`;
}

async function breakAgain(
  world: World,
  recipe: ChaosRecipe,
  faults: readonly ChaosFaultId[],
  { abort, cwd }: ChaosReplay,
): Promise<readonly Failure[]> {
  const { modelBytes: _, ...told } = recipe;
  const options = { ...told, faults, repeat: 1, jobs: 1, cwd, abort, keep: undefined };
  const report = await runChaos(world, options, { step: () => undefined, finding: () => Promise.resolve() });
  return failuresOf(packOfRun(failedChaos(report, options, "")).oracle_results, faults);
}
