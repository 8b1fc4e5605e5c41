import { resolve } from "node:path";
import { AprError } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { shellQuote } from "../../base/shellwords.ts";
import { type ChaosListener, FAULTS, runChaos } from "../../chaos/harness.ts";
import { failedChaos } from "../../chaos/pack.ts";
import { checkKeep, checkReportFile, keepFinding, keepReport, writeReportFile } from "../../chaos/keep.ts";
import type { ChaosFaultId, ChaosReport } from "../../contracts/chaos-report.ts";
import { keepFailure } from "../../crashpack/of-run.ts";
import { chaosTable } from "../../reports/chaos-table.ts";
import { chaosJunit } from "../../reports/junit.ts";
import { terminalColumns, workingFolder } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import { hasColor } from "../terminal.ts";
import type { AprContext, CommonFlags } from "../context.ts";
import { keepRun } from "../crashpack/keep-run.ts";
import { watched } from "../qa/watched.ts";
import { VERSION } from "../version.ts";

interface Flags extends CommonFlags {
  readonly model?: string;
  readonly output?: string;
  readonly state?: string;
  readonly faults?: readonly ChaosFaultId[];
  readonly check?: string;
  readonly forceFlag?: string;
  readonly memoryLimit?: number;
  readonly diskLimit?: number;
  readonly timeout: number;
  readonly repeat: number;
  readonly jobs?: number;
  readonly keep?: string;
  readonly junit?: string;
  readonly crashpack?: string;
}

/** More at once only makes the timings worse. */
const MAX_DEFAULT_JOBS = 4;

export async function run(context: AprContext, flags: Flags): Promise<number> {
  if (context.command === undefined || context.command.length === 0) {
    throw new AprError("usage", "no command to break", {
      hint: "apr qa chaos --model M -- CMD {model} {out}",
    });
  }
  if (flags.keep !== undefined) await checkKeep(nodeWorld, flags.keep);
  if (flags.junit !== undefined) await checkReportFile(nodeWorld, flags.junit);
  const report = await broken(context, flags, context.command);
  if (flags.junit !== undefined) await writeReportFile(nodeWorld, flags.junit, chaosJunit(report));
  if (flags.keep !== undefined) await keepReport(nodeWorld, flags.keep, report);
  if (report.verdict === "fail") await keepChaos(context, flags, report);
  context.out(
    flags.json ? `${stringifyJson({ ...report } as never)}\n` : chaosTable(report, tableOptions(context)),
  );
  return report.exit_code;
}

/** What failed can be broken again from its pack: the line to type is shown. */
async function keepChaos(context: AprContext, flags: Flags, report: ChaosReport): Promise<void> {
  const options = chaosOptions(flags, report.command, new AbortController().signal);
  const kept = await keepRun(context, flags.crashpack, (place) =>
    keepFailure(nodeWorld, place, failedChaos(report, options, VERSION)),
  );
  if (kept !== null) context.err(`  again      apr replay ${shellQuote([kept])} --allow-exec\n`);
}

function broken(context: AprContext, flags: Flags, command: readonly string[]): Promise<ChaosReport> {
  const work = (abort: AbortSignal, { step }: Pick<ChaosListener, "step">): Promise<ChaosReport> =>
    runChaos(nodeWorld, chaosOptions(flags, command, abort), {
      step,
      finding: async (fault, repeat, findings) => {
        if (flags.keep !== undefined) await keepFinding(nodeWorld, flags.keep, fault.id, repeat, findings);
      },
    });
  return watched(context, work, "few");
}

function chaosOptions(
  flags: Flags,
  command: readonly string[],
  abort: AbortSignal,
): Parameters<typeof runChaos>[1] {
  const faults = flags.faults ?? FAULTS.map(({ id }) => id);
  return {
    command,
    model: flags.model,
    output: flags.output,
    state: flags.state,
    faults,
    check: flags.check,
    forceFlag: flags.forceFlag,
    memoryLimitBytes: flags.memoryLimit,
    diskLimitBytes: flags.diskLimit,
    timeoutMs: flags.timeout,
    repeat: flags.repeat,
    jobs: Math.min(faults.length, flags.jobs ?? Math.min(MAX_DEFAULT_JOBS, nodeWorld.host.cores)),
    cwd: resolve(workingFolder()),
    abort,
    keep: flags.keep === undefined ? undefined : resolve(flags.keep),
  };
}

function tableOptions(context: AprContext): { width: number; color: boolean } {
  return { width: terminalColumns() ?? 100, color: hasColor(context) };
}
