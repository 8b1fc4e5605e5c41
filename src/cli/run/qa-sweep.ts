import { resolve } from "node:path";
import { AprError } from "../../base/errors.ts";
import { checkFaultNames } from "../../chaos/sweep/names.ts";
import { runSweep } from "../../chaos/sweep/engine.ts";
import type { SweepOptions } from "../../chaos/sweep/options.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext, CommonFlags } from "../context.ts";
import { checkOutputs, type OutputFlags, tellSweep } from "../qa/sweep-output.ts";
import { watched } from "../qa/watched.ts";

export interface SweepFlags extends CommonFlags, OutputFlags {
  readonly model?: string;
  readonly output?: string;
  readonly setup?: string;
  readonly state?: string;
  readonly faults?: readonly string[];
  readonly check?: string;
  readonly budget: number | null;
  readonly timeout: number;
  readonly repeat: number;
  readonly jobs?: number;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly sample?: number;
  readonly seed: number;
}

export async function run(context: AprContext, flags: SweepFlags): Promise<number> {
  const { command } = context;
  if (command === undefined || command.length === 0) {
    throw new AprError("usage", "no command to break", {
      hint: "apr qa sweep --model M -- CMD {model} {out}",
    });
  }
  checkFaultNames(flags.faults ?? []);
  await checkOutputs(flags);
  const options = sweepOptions(flags, command);
  const report = await watched(context, (abort, listener) =>
    runSweep(nodeWorld, { ...options, abort }, listener),
  );
  return tellSweep(context, flags, report);
}

function sweepOptions(flags: SweepFlags, command: readonly string[]): Omit<SweepOptions, "abort"> {
  return {
    command,
    model: flags.model,
    check: flags.check,
    output: flags.output,
    setup: flags.setup,
    state: flags.state,
    faults: flags.faults ?? null,
    budgetMs: flags.budget,
    timeoutMs: flags.timeout,
    // One more than cores: each run is looked at between two, and a core must not wait for that.
    jobs: flags.jobs ?? nodeWorld.host.cores + 1,
    repeat: flags.repeat,
    shard: flags.shard ?? null,
    sample: flags.sample === undefined ? null : { points: flags.sample, seed: flags.seed },
    cwd: resolve(workingFolder()),
  };
}
