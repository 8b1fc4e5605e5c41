// Runs `apr sim sweep`, and the statistics of what it did not find.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const APR = fileURLToPath(new URL("../../dist/apr.cjs", import.meta.url));
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/**
 * @param {string} scenario @param {bigint} from @param {bigint} count @param {readonly string[]} more
 * @returns {any}
 */
export function sweep(scenario, from, count, more = []) {
  const seeds = `${from}..${from + count - 1n}`;
  const args = [APR, "sim", "sweep", scenario, "--seeds", seeds, "--json", ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    maxBuffer: MAX_JSON_BYTES,
  });
  if (status !== 0 && status !== 5) throw new Error(`apr sim sweep ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

/**
 * The largest rate that still shows nothing in `runs` runs with a probability of 2.5 %: the upper end of the exact
 * two-sided interval of Clopper and Pearson, 95 %.
 * @param {number} runs
 */
export function upperBound(runs) {
  return 1 - 0.025 ** (1 / runs);
}
