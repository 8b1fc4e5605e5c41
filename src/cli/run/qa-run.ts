import { dirname, resolve } from "node:path";
import { EXIT } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { outcomeOf, type SubjectOutcome } from "../../chaos/scenario/outcome.ts";
import type { Subject } from "../../chaos/scenario/types.ts";
import { runSweep } from "../../chaos/sweep/engine.ts";
import type { SweepListener } from "../../chaos/sweep/options.ts";
import { scenarioText } from "../../reports/scenario-text.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext, CommonFlags } from "../context.ts";
import { madeModel } from "../qa/made-model.ts";
import { scenarioIn } from "../qa/read-scenario.ts";
import { checkOutputs, type OutputFlags, packed, tableOptions, writeOutputs } from "../qa/sweep-output.ts";
import { watched } from "../qa/watched.ts";

export interface RunFlags extends CommonFlags, OutputFlags {
  readonly jobs?: number;
  readonly only?: string;
}

export async function run(context: AprContext, flags: RunFlags, file: string): Promise<number> {
  const { subjects } = await scenarioIn(file);
  await checkOutputs(flags);
  const wanted = flags.only === undefined ? subjects : subjects.filter(({ name }) => name === flags.only);
  const today = new Date(nodeWorld.clock.wallMs()).toISOString().slice(0, 10);
  const outcomes = await watched(context, async (abort, listener) => {
    const found: SubjectOutcome[] = [];
    for (const subject of wanted) {
      const told: SweepListener = { step: (text) => listener.step(`${subject.name}: ${text}`) };
      const report = await sweepOf(subject, dirname(resolve(workingFolder(), file)), flags.jobs, abort, told);
      found.push(outcomeOf(subject, report, today));
    }
    return found;
  });
  const told: SubjectOutcome[] = [];
  for (const outcome of outcomes) {
    const packs = await packed(context, flags.crashpack, outcome.report);
    told.push({ ...outcome, report: { ...outcome.report, packs } });
  }
  await writeOutputs(
    flags,
    told.map(({ report }) => ({ report, file })),
  );
  const exitCode = exitOf(told);
  const document = { file, exit_code: exitCode, subjects: told };
  context.out(
    flags.json
      ? `${stringifyJson(document as never)}\n`
      : scenarioText(told, exitCode, tableOptions(context)),
  );
  return exitCode;
}

/** 5 when something failed; 6 when nothing did and something could not be told; a scenario without subjects tells nothing. */
function exitOf(outcomes: readonly SubjectOutcome[]): number {
  const bad = outcomes.filter(({ ok }) => !ok);
  if (outcomes.length === 0) return EXIT.inconclusive;
  if (bad.length === 0) return EXIT.ok;
  const blind = bad.every(({ fresh, expired, fixed, report }) => {
    return fresh.length + expired.length + fixed.length === 0 && report.verdict === "inconclusive";
  });
  return blind ? EXIT.inconclusive : EXIT.failed;
}

async function sweepOf(
  subject: Subject,
  folder: string,
  jobs: number | undefined,
  abort: AbortSignal,
  listener: SweepListener,
): Promise<SubjectOutcome["report"]> {
  const { command, setup, output, state, check, faults, budgetMs, timeoutMs, sample } = subject;
  const model = await madeModel(subject.model, folder);
  try {
    const options = {
      ...{ command, setup, output, state, check, faults, budgetMs, timeoutMs, sample, abort, cwd: folder },
      ...{
        model: model.path,
        modelShell: model.shell,
        jobs: jobs ?? nodeWorld.host.cores + 1,
        repeat: 3,
        shard: null,
      },
    };
    return await runSweep(nodeWorld, options, listener);
  } finally {
    await model.remove();
  }
}
