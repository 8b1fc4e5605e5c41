// Judging JSON lines: evaluations a second on one core, process start included, and against `jq -c .`.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { comparePairs } from "./support/pairs.mjs";
import { printRow } from "./support/rows.mjs";

const APR = process.env.APR_BENCH_ENTRY ?? fileURLToPath(new URL("../dist/apr.cjs", import.meta.url));
const LINES = 1_500_000;
const PAIRS = 3;
const CORE = "0";

const REQUESTS = [
  { gate: "F-CHAOS-001", evidence: { peak_rss_bytes: 2_147_483_648, model_size_bytes: 1_073_741_824 } },
  { gate: "F-CHAOS-002", evidence: { exit_code: 1, stderr: "Error: out of memory" } },
  { gate: "F-CHAOS-003", evidence: { exit_code: 130, response_time_ms: 2000, cache_corrupt: false } },
  { gate: "F-CHAOS-005", evidence: { exit_code: 1, stderr: "Error: tensor mismatch" } },
  { gate: "crux-f-13/size", evidence: { bytes: 10_485_759 } },
  { gate: "crux-a-11/APR-A-11-TAG", evidence: { tag: "qwen2.5-0.5b:latest" } },
].map((request) => `${JSON.stringify(request)}\n`);

/**
 * Runs a program on one core over the file, its output thrown away.
 * @param {readonly string[]} command
 * @param {string} path
 * @param {number} expected
 */
function onOneCore(command, path, expected) {
  const input = openSync(path, "r");
  const { status, stderr } = spawnSync("taskset", ["-c", CORE, ...command], {
    stdio: [input, "ignore", "pipe"],
    encoding: "utf8",
  });
  closeSync(input);
  if (status !== expected) throw new Error(`${command.join(" ")} ended with ${status}: ${stderr}`);
}

const folder = mkdtempSync(join(tmpdir(), "apr-bench-"));
try {
  const path = join(folder, "requests.jsonl");
  writeFileSync(path, REQUESTS.join("").repeat(LINES / REQUESTS.length));
  const { aMs, ratio } = await comparePairs({
    name: "lint --batch",
    a: () => onOneCore([process.execPath, APR, "lint", "--batch", "-"], path, 5),
    b: () => onOneCore(["jq", "-c", "."], path, 0),
    pairs: PAIRS,
    warmUps: 1,
  });
  printRow({ name: "apr lint --batch, against jq -c . on the lines", value: ratio, atMost: 1 });
  printRow({
    name: "apr lint --batch, one core",
    value: LINES / (aMs / 1000),
    unit: "a second",
    atLeast: 300_000,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
