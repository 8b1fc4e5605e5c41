import { EXIT } from "../../base/errors.ts";
import { traceText } from "../../oracles/trace-text.ts";
import { printable } from "../../reports/printable.ts";
import { runScenario } from "../../scenarios/run.ts";
import { parseSeed } from "../../scenarios/seeds.ts";
import { wholeTrace } from "../../scenarios/trace.ts";
import type { ScenarioRun } from "../../scenarios/run-types.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { AprContext, CommonFlags, Run } from "../context.ts";
import { keepSim } from "../sim/keep.ts";
import { type ParamFlags, paramsFor, reproduction, scenarioNamed } from "../sim/scenarios.ts";
import { absolute } from "../store/open.ts";

export interface SimRunFlags extends CommonFlags, ParamFlags {
  readonly seed: string;
  readonly trace?: string;
  readonly crashpack?: string;
}

/** For people; `--json` has all of them. */
const MAX_SHOWN = 10;

export const run: Run<SimRunFlags, [string]> = async (context, flags, name) => {
  const scenario = scenarioNamed(name);
  const seed = parseSeed(flags.seed);
  const params = paramsFor(scenario, flags);
  const played = await runScenario(scenario, seed, { params });
  if (flags.trace !== undefined) {
    await nodeFiles.writeAtomic(absolute(flags.trace), `${traceText(wholeTrace(played.traces), 2)}\n`);
  }
  const failed = played.violations.length > 0;
  if (failed) await keepSim(context, flags.crashpack, played, seed);
  if (flags.json)
    context.out(`${JSON.stringify(document(played, seed, reproduction(scenario, params, seed)))}\n`);
  else show(context, played, seed, reproduction(scenario, params, seed));
  return failed ? EXIT.failed : EXIT.ok;
};

function document(played: ScenarioRun, seed: bigint, again: string): object {
  const { choices, coverage, fingerprint, pairs, params, scenario, steps, traces, violations, virtualMs } =
    played;
  return {
    scenario,
    seed: String(seed),
    params,
    violations,
    processes: traces.map(({ events, process, what }) => ({ process, what, events: events.length })),
    choices: choices.length,
    steps,
    virtual_ms: virtualMs,
    fingerprint,
    faults: Object.fromEntries(coverage),
    states: Object.fromEntries(pairs),
    again,
  };
}

function show(context: AprContext, played: ScenarioRun, seed: bigint, again: string): void {
  const { choices, coverage, scenario, steps, traces, violations, virtualMs } = played;
  const faults = [...coverage].map(([fault, count]) => (count === 1 ? fault : `${fault} ×${count}`));
  context.out(
    `  ${scenario} seed ${seed}: ${traces.length} processes, ${steps} steps, ${choices.length} choices, `,
  );
  context.out(`${(virtualMs / 1000).toFixed(1)} s of its own time\n`);
  context.out(`  faults    ${faults.length === 0 ? "none" : faults.join(", ")}\n`);
  for (const { detail, process, type } of violations.slice(0, MAX_SHOWN)) {
    const who = process === null ? "the store" : `process ${process}`;
    context.out(`  BROKEN    ${printable(type)}: ${printable(detail).slice(0, 300)} (${who})\n`);
  }
  if (violations.length > MAX_SHOWN) context.out(`            and ${violations.length - MAX_SHOWN} more\n`);
  context.out(violations.length === 0 ? "  nothing is broken\n" : `  again     ${again}\n`);
}
