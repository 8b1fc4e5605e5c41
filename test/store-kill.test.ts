import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { describeTask, type Outcome, runTask, type Task, tasksOf } from "./support/kill/matrix.ts";
import { sample } from "./support/kill/points.ts";
import { SCENARIOS } from "./support/kill/scenarios.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const SEED = Number(process.env["APR_KILL_SEED"] ?? 20_260);
/** Points that a run of the whole suite takes; `all` for every one, as bench/store-kill.mjs asks. */
const WANTED = process.env["APR_KILL_POINTS"] ?? "320";
const LANES = Math.min(4, availableParallelism());
const LIMIT_MS = 40 * 60_000;

test("a command that is killed, or that a disk fails, at any call leaves a sound store", {
  timeout: LIMIT_MS,
}, async (context) => {
  needs(context, "strace");
  const folder = tempDir();
  const all: Task[] = [];
  for (const scenario of SCENARIOS) all.push(...(await tasksOf(scenario, folder)));
  const chosen = WANTED === "all" ? all : sample(all, Number(WANTED), SEED);
  const outcomes = await inLanes(chosen, folder);
  const fired = outcomes.filter((outcome) => outcome.fired).length;
  const bad = outcomes.filter(({ faults }) => faults.length > 0);
  process.stdout.write(
    `kill matrix: ${chosen.length} of ${all.length} points (seed ${SEED}), ${fired} fired, ${bad.length} failed\n`,
  );
  expect(bad.map(({ task, faults }) => `${describeTask(task)}\n    ${faults.join("\n    ")}`)).toEqual([]);
  expect(chosen.length).toBeGreaterThanOrEqual(Math.min(300, all.length));
  // Threads may divide their work a little differently: some points are not reached.
  expect(fired).toBeGreaterThan(chosen.length * 0.9);
});

async function inLanes(tasks: readonly Task[], folder: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const lane = async (number: number): Promise<void> => {
    for (let turn = 0; next < tasks.length; turn++) {
      const task = tasks[next++];
      if (task !== undefined) outcomes.push(await runTask(task, `${folder}/run-${number}-${turn}`));
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  return outcomes;
}
