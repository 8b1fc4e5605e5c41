import { resolve } from "node:path";
import { AprError } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { runSweep } from "../../chaos/sweep/engine.ts";
import type { SweepListener, SweepOptions } from "../../chaos/sweep/options.ts";
import type { SweepReport } from "../../contracts/sweep-report.ts";
import { onStopSignal } from "../../world/node/signals.ts";
import { sweepTable } from "../../reports/sweep-table.ts";
import { isTerminal, terminalColumns, workingFolder } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext, CommonFlags } from "../context.ts";
import { progress } from "../progress.ts";

export interface SweepFlags extends CommonFlags {
  readonly model?: string;
  readonly output?: string;
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
  readonly crashpacks?: string;
  readonly junit?: string;
  readonly sarif?: string;
  readonly markdown?: string;
}

export async function run(context: AprContext, flags: SweepFlags): Promise<number> {
  if (context.command === undefined || context.command.length === 0) {
    throw new AprError("usage", "no command to break", {
      hint: "apr qa sweep --model M -- CMD {model} {out}",
    });
  }
  const report = await watched(context, sweepOptions(flags, context.command));
  context.out(
    flags.json ? `${stringifyJson({ ...report } as never)}\n` : sweepTable(report, tableOptions(context)),
  );
  return report.exit_code;
}

/** Runs a sweep with its progress on stderr; Ctrl-C ends it and leaves nothing behind. */
async function watched(context: AprContext, options: Omit<SweepOptions, "abort">): Promise<SweepReport> {
  const abort = new AbortController();
  let stoppedBy: string | undefined;
  const off = onStopSignal((name) => {
    stoppedBy ??= name;
    abort.abort();
  });
  const terminal = isTerminal(2);
  const line = progress(context, terminal);
  const listener: SweepListener = { step: terminal ? sparing(line.step) : () => undefined };
  try {
    return await runSweep(nodeWorld, { ...options, abort: abort.signal }, listener);
  } catch (error) {
    if (stoppedBy === undefined) throw error;
    throw new AprError(
      stoppedBy === "SIGTERM" ? "terminated" : "interrupted",
      `stopped by ${stoppedBy}; nothing was left behind`,
    );
  } finally {
    line.done();
    off();
  }
}

/** A terminal need not show a hundred lines a second. */
const STEP_MS = 100;

function sparing(show: (text: string) => void): (text: string) => void {
  let last = -STEP_MS;
  return (text) => {
    const now = nodeWorld.clock.monotonicMs();
    if (now - last < STEP_MS) return;
    last = now;
    show(text);
  };
}

function sweepOptions(flags: SweepFlags, command: readonly string[]): Omit<SweepOptions, "abort"> {
  return {
    command,
    model: flags.model,
    check: flags.check,
    output: flags.output,
    state: flags.state,
    faults: flags.faults ?? null,
    budgetMs: flags.budget,
    timeoutMs: flags.timeout,
    jobs: flags.jobs ?? nodeWorld.host.cores,
    repeat: flags.repeat,
    shard: flags.shard ?? null,
    sample: flags.sample === undefined ? null : { points: flags.sample, seed: flags.seed },
    cwd: resolve(workingFolder()),
  };
}

function tableOptions(context: AprContext): { width: number; color: boolean } {
  const color = isTerminal(1) && (context.env["NO_COLOR"] ?? "") === "" && context.env["TERM"] !== "dumb";
  return { width: terminalColumns() ?? 100, color };
}
