import { AprError } from "../../base/errors.ts";
import type { SweepReport } from "../../contracts/sweep-report.ts";
import type { World } from "../../world/world.ts";
import { cleanRuns, type CleanRuns } from "./baseline.ts";
import { Worker } from "./bench.ts";
import { classOfTrial, findingOf, type Group, groupFailures, type Result } from "./findings.ts";
import { furtherTasks } from "../further/list.ts";
import type { SweepListener, SweepOptions } from "./options.ts";
import { ordered } from "./order.ts";
import { type OwnPaths, pointsOf } from "./points.ts";
import { Patient } from "./patience.ts";
import { reportOf } from "./report.ts";
import { chosen } from "./share.ts";
import { openStage, type Stage } from "./stage.ts";
import type { Station } from "./station.ts";
import { readCalls } from "./syscalls.ts";
import { pointTask, type Task } from "./task.ts";

/** So many points are tried before the further faults: a lost write is found in the first second. */
const POINTS_FIRST = 60;

/** Fails one system call of a run after the other and judges each outcome. The person's own files are only read. */
export async function runSweep(
  world: World,
  options: SweepOptions,
  listener: SweepListener,
): Promise<SweepReport> {
  const startMs = world.clock.monotonicMs();
  const stage = await openStage(world, options);
  try {
    const [first] = stage.stations;
    if (first === undefined) throw new Error("a stage has at least one station");
    for (const { slot } of stage.stations) await slot.reset();
    listener.step("clean runs");
    const { bench, lines, blind } = stage;
    const watch = { watch: blind === null, timeoutMs: options.timeoutMs };
    const clean = await cleanRuns(first, lines, bench, watch);
    stopIfAsked(options.abort);
    const tasks = clean.exitCode === 0 ? tasksOf(stage, first, clean, options) : [];
    const mine = chosen(tasks, options);
    const sweepMs = world.clock.monotonicMs();
    const workers = stage.stations.map((station) => new Worker(station, bench, clean.clean));
    const results = await tryAll(world, workers, mine, options, listener);
    const durationMs = world.clock.monotonicMs() - sweepMs;
    const runs = workers.reduce((sum, worker) => sum + worker.runs, 0);
    const groups = groupFailures(results);
    const findings = await repeatAll(workers, groups, stage.reproduction.setup, options, listener);
    const total = world.clock.monotonicMs() - startMs;
    const times = { sweep_ms: Math.round(durationMs), duration_ms: Math.round(total), runs };
    return reportOf({ options, stage, clean, tasks, results, findings, times });
  } finally {
    await stage.close();
  }
}

function tasksOf(stage: Stage, station: Station, runs: CleanRuns, options: SweepOptions): readonly Task[] {
  const { lines, reproduction } = stage;
  const points = runs.logs === null ? [] : pointTasks(stage, station, runs.logs);
  const further = furtherTasks({ lines, reproduction, clean: runs.clean, stage });
  const wanted = (task: Task): boolean =>
    options.faults === null || options.faults.includes(task.further ?? task.fault);
  const all = [...points.slice(0, POINTS_FIRST), ...further, ...points.slice(POINTS_FIRST)];
  return all.filter(wanted);
}

function pointTasks(stage: Stage, station: Station, logs: readonly [string, string]): readonly Task[] {
  const { slot } = station;
  const own: OwnPaths = {
    folder: slot.folder,
    output: slot.outputPath,
    model: slot.model?.path ?? null,
    state: slot.statePath,
    stdout: station.stdoutFile,
    notes: slot.notesFolder,
  };
  const [calls, again] = logs.map((log) => readCalls(log, slot.workFolder));
  const points = ordered(pointsOf(calls ?? [], again ?? [], own));
  const stdoutIsOutput = slot.outputPath === null;
  return points.map((point) => pointTask(point, stage.lines, stage.reproduction, stdoutIsOutput));
}

/** Each worker takes the next task, until none is left or the budget is spent. */
async function tryAll(
  world: World,
  workers: readonly Worker[],
  tasks: readonly Task[],
  options: SweepOptions,
  listener: SweepListener,
): Promise<readonly Result[]> {
  const results: (Result | undefined)[] = tasks.map(() => undefined);
  let done = 0;
  const patient = new Patient();
  const startMs = world.clock.monotonicMs();
  let next = 0;
  let failed = 0;
  const spent = (): boolean =>
    options.budgetMs !== null && world.clock.monotonicMs() - startMs >= options.budgetMs;
  const work = async (worker: Worker): Promise<void> => {
    for (;;) {
      const index = next++;
      const task = tasks[index];
      if (task === undefined || spent()) return;
      const trial = await patient.try(task, worker);
      stopIfAsked(options.abort);
      if (trial.failures.length > 0) failed++;
      // In the tasks' order, whoever ends first: a report is the same each time.
      results[index] = { task, trial };
      done++;
      listener.step(`${done} of ${tasks.length} points, ${failed} failed`);
    }
  };
  await everyOne(workers.map(work));
  return results.filter((result) => result !== undefined);
}

/** Tries the shown run of every finding again, and counts how often it fails in the same way. */
async function repeatAll(
  workers: readonly Worker[],
  groups: readonly Group[],
  setup: string,
  options: SweepOptions,
  listener: SweepListener,
): Promise<SweepReport["findings"]> {
  const queue = groups.map((group) => ({ group, same: 1 }));
  let next = 0;
  const work = async (worker: Worker): Promise<void> => {
    for (let entry = queue[next++]; entry !== undefined; entry = queue[next++]) {
      const { first } = entry.group;
      listener.step(`again: ${first.task.text}`);
      for (let run = 1; run < options.repeat; run++) {
        const trial = await first.task.run(worker);
        stopIfAsked(options.abort);
        const same = trial.failures.length > 0 && classOfTrial(trial) === classOfTrial(first.trial);
        if (same) entry.same++;
      }
    }
  };
  await everyOne(workers.map(work));
  return queue.map(({ group, same }) => findingOf(group, { tried: options.repeat, same }, setup));
}

/** Waits for all, so that nothing runs on when one has failed. */
async function everyOne(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function stopIfAsked(abort: AbortSignal): void {
  if (abort.aborted) throw new AprError("interrupted", "interrupted");
}
