// Simulated pulls of 64 chunks, with the trace on: how many a second on one core, and how many times that on two.
// Each process is held to a core of its own. The figure by CPU time, and that by promises awaited in the same process,
// tell a slow machine from a slow simulation.
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { printRow } from "./support/rows.mjs";

const ROUNDS = 7;
const ROUND_MS = 3000;
/** Until the compiler has seen enough of it. */
const WARM_PULLS = 4000;
/** Worlds are made and thrown away: in a larger nursery fewer of them are alive when it is swept. */
const FLAGS = ["--max-semi-space-size=32"];

const WORKER = fileURLToPath(new URL("support/sim-pulls.mjs", import.meta.url));
const ENTRY = fileURLToPath(new URL("../test/support/sim/pulling.ts", import.meta.url));

/** @typedef {{ pulls: number, wallMs: number, cpuMs: number, awaitNs: number }} Played */

/** @param {string} bundle @param {number} core */
async function start(bundle, core) {
  const child = fork(WORKER, [bundle], { execArgv: FLAGS });
  await once(child, "message");
  const held = spawnSync("taskset", ["-a", "-p", "-c", String(core), String(child.pid)], {
    encoding: "utf8",
  });
  if (held.status !== 0) throw new Error(`taskset: ${held.stderr}`);
  /** @type {{ resolve(played: Played): void, reject(error: Error): void } | null} */
  let waiting = null;
  child.on("message", (/** @type {Played} */ played) => waiting?.resolve(played));
  child.on("exit", (code) => waiting?.reject(new Error(`a process ended with ${code}`)));
  return {
    /** For so long, or so many. @param {{ ms?: number, pulls?: number }} span @returns {Promise<Played>} */
    play: (span) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        child.send(span);
      }),
    stop: () => child.disconnect(),
  };
}

/** @param {readonly number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** @param {Played} played */
const perSecond = ({ pulls, wallMs }) => pulls / (wallMs / 1000);

if (availableParallelism() < 2)
  throw new Error("two cores are needed: one of them cannot be measured against two");
const folder = mkdtempSync(join(tmpdir(), "apr-bench-"));
/** @type {Awaited<ReturnType<typeof start>>[]} */
const workers = [];
try {
  const bundle = join(folder, "pulling.mjs");
  await build({
    ...{ entryPoints: [ENTRY], outfile: bundle, bundle: true, platform: "node", format: "esm" },
    target: "node20.19",
  });
  for (const core of [0, 1]) workers.push(await start(bundle, core));
  await Promise.all(workers.map((worker) => worker.play({ pulls: WARM_PULLS })));
  const alone = [];
  const both = [];
  for (let round = 0; round < ROUNDS; round++) {
    const turn = workers[round % 2];
    if (turn !== undefined) alone.push(await turn.play({ ms: ROUND_MS }));
    both.push(await Promise.all(workers.map((worker) => worker.play({ ms: ROUND_MS }))));
  }
  const one = median(alone.map(perSecond));
  const two = median(both.map((pair) => pair.reduce((sum, each) => sum + perSecond(each), 0)));
  const pull = "simulated pulls of 64 chunks";
  printRow({ name: `${pull}, one core`, value: one, unit: "a second", atLeast: 2000 });
  printRow({ name: `${pull}, two cores against one`, value: two / one, atLeast: 1.8 });
  const cpu = median(alone.map(({ pulls, cpuMs }) => pulls / (cpuMs / 1000)));
  printRow({ name: `${pull}, by CPU time`, value: cpu, unit: "a second" });
  const awaits = median(alone.map(({ pulls, cpuMs, awaitNs }) => (cpuMs * 1e6) / pulls / awaitNs));
  printRow({ name: "promises awaited in the time of one such pull", value: awaits, unit: "promises" });
} finally {
  for (const worker of workers) worker.stop();
  rmSync(folder, { recursive: true, force: true });
}
