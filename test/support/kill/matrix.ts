import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { openStore } from "../../../src/store/store.ts";
import { verifyStore } from "../../../src/store/verify.ts";
import { nodeStoreWorld } from "../../../src/world/node/store-world.ts";
import { ENTRY, runEntry } from "./entry.ts";
import { allPoints, callPoints, CALLS, injection, type Point } from "./points.ts";
import { type Place, placeAt, type Scenario } from "./scenarios.ts";

/** A traced run takes a fraction of a second. */
const HANG_MS = 10_000;

/** One point of one command, ready to run. */
export interface Task {
  readonly scenario: Scenario;
  readonly template: string;
  readonly point: Point;
}

export interface Outcome {
  readonly task: Task;
  /** The fault was seen in strace's log at a call under the store or the output. */
  readonly fired: boolean;
  /** What is wrong afterwards; empty when all is well. */
  readonly faults: readonly string[];
}

/** All points of a command, from the log of one clean run. */
export async function tasksOf(scenario: Scenario, folder: string): Promise<Task[]> {
  const template = `${folder}/${scenario.name.replaceAll(" ", "-")}`;
  await scenario.prepare(placeAt(template));
  const place = copyOf(template, `${folder}/run-baseline`);
  const { code } = await traced(scenario, place, null);
  if (code !== 0 || !scenario.complete(place)) throw new Error(`${scenario.name} fails without a fault`);
  const points = allPoints(callPoints(readFileSync(`${place.folder}.log`, "utf8"), watched(place)));
  return points.map((point) => ({ scenario, template, point }));
}

/** Runs a command with one fault, judges what is left, and runs it again. */
export async function runTask(task: Task, folder: string): Promise<Outcome> {
  const { scenario, template, point } = task;
  const place = copyOf(template, folder);
  const faults: string[] = [];
  const { code, hung } = await traced(scenario, place, injection(point));
  const log = readFileSync(`${place.folder}.log`, "utf8");
  if (hung && !runtimeHangs(log)) faults.push("it did not end");
  const fired = hasFired(log, point, watched(place));
  if (code === 0 && !scenario.complete(place)) faults.push("exit 0 without the whole effect");
  faults.push(...(await unsound(place, "after the fault")));
  // An error in the runtime's own plumbing ends it by a signal: then nobody could tidy up.
  if (point.fault !== "kill" && code !== 0 && code !== null) faults.push(...leftovers(place, point));
  const again = await runEntry(scenario.args(place), environment(place));
  const done = again.code === 0 || scenario.doneCodes.includes(again.code ?? -1);
  if (!done || !scenario.complete(place))
    faults.push(`the second run: exit ${again.code} ${again.stderr.trim()}`);
  await runEntry(["gc"], environment(place));
  faults.push(...(await unsound(place, "at the end")));
  for (const name of ["ingest", "quarantine"]) {
    if (readdirSync(`${place.store}/${name}`).length > 0) faults.push(`${name} is not empty after gc`);
  }
  if (faults.length === 0) rmSync(place.folder, { recursive: true });
  rmSync(`${place.folder}.log`);
  return { task, fired, faults };
}

export function describeTask({ scenario, point }: Task): string {
  return `${scenario.name}: ${point.fault} at ${point.call} #${point.occurrence} of thread ${point.thread}: ${point.line.slice(0, 160)}`;
}

function copyOf(template: string, folder: string): Place {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(template, folder, { recursive: true });
  return placeAt(folder);
}

function watched(place: Place): readonly string[] {
  // Temporary names of an export begin with a dot and the output's own name.
  return [place.store, place.out, `${place.folder}/.out.gguf`];
}

function environment(place: Place): Record<string, string> {
  // One thread for files, so that calls are counted the same in every run.
  return { APR_MODELS: place.store, UV_THREADPOOL_SIZE: "1" };
}

function traced(
  scenario: Scenario,
  place: Place,
  inject: string | null,
): Promise<{ readonly code: number | null; readonly hung: boolean }> {
  const rules = ["-e", `trace=${CALLS.join(",")}`, ...(inject === null ? [] : ["-e", inject])];
  const command = [process.execPath, ENTRY, ...scenario.args(place)];
  const argv = ["-f", "-y", "-qq", "-s", "16", "-o", `${place.folder}.log`, ...rules, "--", ...command];
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment(place) };
    const child = spawn("strace", argv, { env, stdio: "ignore", detached: true });
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, HANG_MS);
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(timer);
      resolve({ code, hung });
    });
  });
}

/** Node syncs its own three streams when it exits, and waits for ever where that fails. */
function runtimeHangs(log: string): boolean {
  return /\bfsync\([012]<.*\(INJECTED\)/.test(log);
}

function hasFired(log: string, { call, fault }: Point, folders: readonly string[]): boolean {
  const lines = log.split("\n").filter((line) => folders.some((folder) => line.includes(folder)));
  if (fault !== "kill") return lines.some((line) => line.includes("(INJECTED)"));
  // The call that was entered never came back.
  return lines.some((line) => line.includes(`${call}(`) && /= \?|unfinished/.test(line));
}

/** The store must be sound in every state: no manifest without its blobs, no final blob with wrong bytes. */
async function unsound(place: Place, when: string): Promise<string[]> {
  const store = await openStore(nodeStoreWorld, place.store);
  if (store === null) return [];
  const { problems } = await verifyStore(store);
  return problems.map(({ kind, subject, detail }) => `${when}: ${kind} ${subject} (${detail})`);
}

/** An error that the program saw must leave nothing unfinished, unless its own tidying was what failed. */
function leftovers(place: Place, { call, fault }: Point): string[] {
  if (
    fault.endsWith("+") ||
    ["unlink", "rmdir", "openat", "getdents64", "newfstatat", "statx"].includes(call)
  )
    return [];
  const found = readdirSync(place.folder).filter((name) => name.startsWith("."));
  if (existsSync(`${place.store}/ingest`)) found.push(...readdirSync(`${place.store}/ingest`));
  return found.map((name) => `left behind: ${name}`);
}
