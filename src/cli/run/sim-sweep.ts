import { EXIT } from "../../base/errors.ts";
import { formatDuration } from "../../base/units.ts";
import type { Tally } from "../../scenarios/tally.ts";
import { scenarios } from "../../scenarios/registry.ts";
import { parseSeeds, parseShard, seedCount } from "../../scenarios/seeds.ts";
import { sweep, type SweepOptions } from "../../scenarios/sweep.ts";
import { sweepDocument } from "../../scenarios/sweep-file.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { isTerminal } from "../../world/node/stdio.ts";
import { startTaskWorker, type TaskWorker } from "../../world/node/task-worker.ts";
import { nodeClock } from "../../world/node/time.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext, CommonFlags, Run } from "../context.ts";
import { progress } from "../progress.ts";
import { keepFailures } from "../sim/keep.ts";
import { type ParamFlags, paramsFor, scenarioNamed } from "../sim/scenarios.ts";
import { sweepText, violatedIn } from "../sim/sweep-text.ts";
import { absolute, stoppable } from "../store/open.ts";
import { VERSION } from "../version.ts";

export interface SweepFlags extends CommonFlags, ParamFlags {
  readonly seeds: string;
  readonly jobs?: number;
  readonly shard?: string;
  /** Milliseconds. */
  readonly time?: number;
  readonly out?: string;
  readonly crashpack?: string;
}

const PROGRAM: URL = new URL("./sim-worker.js", import.meta.url);
const TELL_EVERY_MS = 500;

export const run: Run<SweepFlags, [string]> = async (context, flags, name) => {
  const seeds = parseSeeds(flags.seeds);
  const shard = parseShard(flags.shard ?? "0/1");
  const chosen = name === "all" ? scenarios : [scenarioNamed(name)];
  const wanted = chosen.map((each) => ({ name: each.name, params: paramsFor(each, flags) }));
  const startedMs = nodeClock.monotonicMs();
  const planned = seedCount(seeds, shard) * BigInt(wanted.length);
  const swept = await stoppable((signal) =>
    inThreads(flags.jobs ?? nodeWorld.host.cores, signal, (workers) =>
      sweep({
        ...{ seeds, shard, scenarios: wanted, workers },
        isOver: () =>
          signal.aborted || nodeClock.monotonicMs() - startedMs > (flags.time ?? Number.POSITIVE_INFINITY),
        onProgress: teller(context, planned, startedMs),
      }),
    ),
  );
  const document = sweepDocument(VERSION, seeds, shard, swept);
  if (flags.out !== undefined)
    await nodeFiles.writeAtomic(absolute(flags.out), `${JSON.stringify(document, null, 2)}\n`);
  for (const { params, scenario, tally } of swept) {
    await keepFailures(context, flags.crashpack, { scenario: scenarioNamed(scenario), params }, tally);
  }
  const seconds = (nodeClock.monotonicMs() - startedMs) / 1000;
  const ran = swept.reduce((sum, { tally }) => sum + tally.seeds, 0);
  const perSecond = Math.round(ran / seconds);
  if (flags.json) context.out(`${JSON.stringify({ ...document, seconds, seeds_per_second: perSecond })}\n`);
  else {
    const left = planned - BigInt(ran);
    const rest = left > 0n ? `; ${left} seeds were not begun` : "";
    context.out(`${sweepText(document)}  ${formatDuration(seconds * 1000)}, ${perSecond} seeds/s${rest}\n`);
  }
  return violatedIn(document) > 0 ? EXIT.failed : EXIT.ok;
};

/** Starts the threads, and ends them whatever happens; at once when the sweep is stopped. */
async function inThreads<T>(
  jobs: number,
  signal: AbortSignal,
  use: (workers: SweepOptions["workers"]) => Promise<T>,
): Promise<T> {
  const threads: TaskWorker[] = Array.from({ length: jobs }, () => startTaskWorker(PROGRAM));
  const end = async (): Promise<void> => {
    await Promise.all(threads.map((each) => each.end()));
  };
  const stop = (): void => void end();
  signal.addEventListener("abort", stop);
  try {
    return await use(threads.map((thread) => async (batch) => (await thread.ask(batch)) as Tally));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    await end();
  }
}

function teller(context: AprContext, planned: bigint, startedMs: number): (tally: Tally) => void {
  const line = progress(context, isTerminal(2));
  let [ran, broken, toldMs] = [0, 0, startedMs];
  return ({ seeds, violated }) => {
    ran += seeds;
    broken += violated;
    const nowMs = nodeClock.monotonicMs();
    const isLast = BigInt(ran) === planned;
    if (!isTerminal(2) || (nowMs - toldMs < TELL_EVERY_MS && !isLast)) return;
    toldMs = nowMs;
    const perSecond = Math.round((ran * 1000) / (nowMs - startedMs));
    if (isLast) line.done();
    else line.step(`${ran} of ${planned} seeds, ${perSecond}/s, ${broken} broken`);
  };
}
