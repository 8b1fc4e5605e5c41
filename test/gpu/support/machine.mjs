// What the checks on a GPU machine share: lines of a report, and ways to run apr, Python and nvidia-smi.
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const DIST = fileURLToPath(new URL("../../../dist", import.meta.url));
export const APR = join(DIST, "apr.cjs");
export const PYTHON = process.env.PYTHON ?? "python3";
export const folder = mkdtempSync(join(tmpdir(), "apr-gpu-"));
const { CUDA_VISIBLE_DEVICES: _hidden, ...env } = process.env;
export const quiet = { ...env, XDG_CONFIG_HOME: folder, APR_PROBE_TIMEOUT: "20s" };
let failures = 0;

export const failed = () => failures;

export function note(text) {
  console.log(`         ${text}`);
}

export function check(name, good, seen = "") {
  if (!good) failures += 1;
  console.log(`${good ? "PASS" : "FAIL"}     ${name}${seen === "" ? "" : `   [${seen}]`}`);
}

export function notRun(name, why) {
  console.log(`NOT RUN  ${name}   [${why}]`);
}

export function run(program, args, more = {}) {
  const startMs = performance.now();
  const done = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...quiet, ...more },
    cwd: folder,
    timeout: 120_000,
  });
  return { ...done, tookMs: Math.round(performance.now() - startMs) };
}

/** apr, from this build or from a copy of it. */
export function apr(args, more = {}, entry = APR) {
  const done = run(process.execPath, [entry, ...args], more);
  let json = null;
  try {
    json = JSON.parse(done.stdout);
  } catch {
    // Text for people.
  }
  return { ...done, json };
}

export function python(script, more = {}) {
  const done = run(PYTHON, ["-c", script], more);
  try {
    return JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "");
  } catch {
    return null;
  }
}

/** Rows of nvidia-smi; null where it does not answer. */
export function smi(query) {
  const done = run("nvidia-smi", [`--query-gpu=${query}`, "--format=csv,noheader,nounits"]);
  return done.status === 0
    ? done.stdout
        .trim()
        .split("\n")
        .map((line) => line.trim().split(", "))
    : null;
}
