import { AprError } from "../base/errors.ts";
import type { BaselineReport, ChaosFaultId, ChaosReport, FaultReport } from "../contracts/chaos-report.ts";
import type { VerdictWord } from "../contracts/types.ts";
import type { World } from "../world/world.ts";
import type { Bench } from "./attempt.ts";
import { baselineReport, measureBaseline } from "./baseline.ts";
import { readCheck } from "./check.ts";
import { diskFull } from "./faults/disk-full.ts";
import { gracefulOom } from "./faults/graceful-oom.ts";
import { interrupt } from "./faults/interrupt.ts";
import { memoryBudget } from "./faults/memory-budget.ts";
import { overwrite } from "./faults/overwrite.ts";
import { type Fault, type Finding, notTried } from "./finding.ts";
import { reportFault } from "./judge.ts";
import { Lab, type LabOptions } from "./lab.ts";
import { absoluteProgram } from "./program.ts";
import { Reproduction } from "./reproduce.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";
import { parseTemplate, type Template, uses } from "./template.ts";
import { findTools } from "./tools.ts";

export const FAULTS: readonly Fault[] = [memoryBudget, gracefulOom, interrupt, overwrite, diskFull];

export interface ChaosOptions extends LabOptions {
  readonly command: readonly string[];
  /** The person's model, as given; only ever read. */
  readonly model: string | undefined;
  /** The person's own judgement of an output, as a command line without a shell. */
  readonly check: string | undefined;
  /** Where the output lies, when no `{out}` says so. */
  readonly output: string | undefined;
  /** Where the command may keep unfinished work that it goes on from. */
  readonly state: string | undefined;
  readonly faults: readonly ChaosFaultId[];
  readonly repeat: number;
  readonly jobs: number;
  /** The person's own folder, for relative paths. */
  readonly cwd: string;
  readonly abort: AbortSignal;
  /** A folder for copies of what runs leave on disk. */
  readonly keep: string | undefined;
}

/** What happens while the harness works, for a progress display and for `--keep`. */
export interface ChaosListener {
  step(text: string): void;
  finding(fault: Fault, repeat: number, findings: readonly Finding[]): Promise<void>;
}

/** Runs a command under each fault and judges what happened. The person's own files are only read. */
export async function runChaos(
  world: World,
  options: ChaosOptions,
  listener: ChaosListener,
): Promise<ChaosReport> {
  const template = readTemplate(options);
  const startMs = world.clock.monotonicMs();
  const path = world.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
  if (world.host.platform !== "linux") {
    throw new AprError(
      "inconclusive",
      `apr qa chaos needs Linux: its faults come from that kernel (this is ${world.host.platform})`,
      {
        hint: "run it in a Linux container or virtual machine",
      },
    );
  }
  const prepared = await absoluteProgram(world, template, path, options.cwd);
  const check = options.check === undefined ? null : await readCheck(world, options.check, path, options.cwd);
  await world.processes.adoptOrphans();
  const tools = await findTools(world, path);
  const sandbox = await openSandbox(world, tools, template, options);
  try {
    const bench: Bench = {
      template: prepared,
      check,
      tools,
      mark: sandbox.mark,
      abort: options.abort,
      nextId: counter(),
      keepFolder: options.keep,
    };
    return await judgeAll(world, bench, sandbox, options, listener, startMs);
  } finally {
    await sandbox.close();
  }
}

async function judgeAll(
  world: World,
  bench: Bench,
  sandbox: Sandbox,
  options: ChaosOptions,
  listener: ChaosListener,
  startMs: number,
): Promise<ChaosReport> {
  listener.step("baseline, twice");
  const first = sandbox.slots[0];
  if (first === undefined) throw new Error("a sandbox has at least one slot");
  const baseline = await measureBaseline(bench, first, options.timeoutMs);
  const reproduction = new Reproduction(bench.template, sandbox.model?.path ?? null);
  const model = { bytes: sandbox.model?.bytes ?? 0, reproduction };
  const labs = sandbox.slots.map((slot) => new Lab(bench, slot, baseline, options, model));
  const report = baselineReport(baseline);
  const wanted = FAULTS.filter(({ id }) => options.faults.includes(id));
  const faults =
    report.exit_code === 0
      ? await tryAll(world, labs, wanted, options, listener)
      : wanted.map((fault) => reportFault(fault, [unusableBaseline(report)], 0));
  return {
    command: options.command,
    verdict: overall(faults),
    model: sandbox.model === null ? null : { path: sandbox.model.path, bytes: sandbox.model.bytes },
    state: options.state ?? null,
    sandbox: { confined: first.cell.confined, notes: first.cell.notes },
    baseline: report,
    faults,
    duration_ms: Math.round(world.clock.monotonicMs() - startMs),
    exit_code: { pass: 0, fail: 5, inconclusive: 6 }[overall(faults)],
  };
}

/** Faults in parallel, one at a time in each slot; reports in the contract's order. */
async function tryAll(
  world: World,
  labs: readonly Lab[],
  faults: readonly Fault[],
  options: ChaosOptions,
  listener: ChaosListener,
): Promise<readonly FaultReport[]> {
  // The longest first, so that the slots end at about the same time.
  const queue = [...faults].sort((a, b) => cost(b) - cost(a));
  const reports = new Map<ChaosFaultId, FaultReport>();
  const work = async (lab: Lab): Promise<void> => {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
      const startMs = world.clock.monotonicMs();
      const repeats: (readonly Finding[])[] = [];
      for (let repeat = 1; repeat <= options.repeat; repeat++) {
        listener.step(`${fault.title}${options.repeat > 1 ? ` (${repeat} of ${options.repeat})` : ""}`);
        const findings = await fault.run(lab);
        await listener.finding(fault, repeat, findings);
        repeats.push(findings);
      }
      reports.set(fault.id, reportFault(fault, repeats, world.clock.monotonicMs() - startMs));
    }
  };
  const results = await Promise.allSettled(labs.map(work));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return faults.flatMap(({ id }) => reports.get(id) ?? []);
}

function cost({ id }: Fault): number {
  return { "F-CHAOS-002": 3, "F-CHAOS-003": 2, "F-CHAOS-005": 1, "F-CHAOS-004": 1, "F-CHAOS-001": 0 }[id];
}

function unusableBaseline(report: BaselineReport): readonly Finding[] {
  const reason = { code: "baseline-failed", exit_code: report.exit_code };
  const happened =
    report.exit_code === null
      ? "the clean run did not end within the time limit"
      : `the clean run already fails (exit ${report.exit_code})`;
  return notTried(reason, happened);
}

function overall(faults: readonly FaultReport[]): VerdictWord {
  const words = faults.flatMap(({ contract, strict }) => [contract.verdict, strict.verdict]);
  if (words.includes("fail")) return "fail";
  return words.includes("inconclusive") || words.length === 0 ? "inconclusive" : "pass";
}

/** The command's words, with what is missing said at once. Throws `usage`. */
export function readTemplate(
  options: Pick<ChaosOptions, "command" | "output" | "state" | "model">,
  verb = "chaos",
): Template {
  const template = parseTemplate(options.command, options.output, options.state);
  if (template.words.length === 0) {
    throw new AprError("usage", "no command to break", {
      hint: `apr qa ${verb} --model M -- CMD {model} {out}`,
    });
  }
  if (options.model === undefined && uses(template, "model")) {
    throw new AprError("usage", "the command uses {model}, but no model was given", {
      hint: "add --model FILE",
    });
  }
  return template;
}

export function counter(): () => number {
  let last = 0;
  return () => ++last;
}
