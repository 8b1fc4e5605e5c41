// Judging an out-of-memory report of 9.9 MiB: time against `jq -e .` on the same file, and peak memory.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { comparePairs } from "./support/pairs.mjs";
import { printRow } from "./support/rows.mjs";

const APR = process.env.APR_BENCH_ENTRY ?? fileURLToPath(new URL("../dist/apr.cjs", import.meta.url));
const REPORT_BYTES = Math.floor(9.9 * 1024 * 1024);
const PAIRS = 10;
const MIB = 1024 * 1024;

/**
 * A report of just under `REPORT_BYTES`, filled up with what `entry` makes.
 * @param {(index: number) => { frame?: string, bucket?: string }} entry
 * @param {Record<string, unknown>} extra
 */
function reportText(entry, extra = {}) {
  /** @type {string[]} */
  const frames = ["train.py:1 in main"];
  /** @type {Record<string, number>} */
  const histogram = { "<1KiB": 3 };
  const ops = Array.from({ length: 100 }, (_, index) => ({ op: "matmul", bytes: 4096, ts_ns: index }));
  let size = 10_000;
  for (let index = 0; size < REPORT_BYTES; index++) {
    const { frame, bucket } = entry(index);
    if (frame !== undefined) frames.push(frame);
    if (bucket !== undefined) histogram[bucket] = index;
    size += (frame?.length ?? 0) + (bucket === undefined ? 0 : bucket.length + String(index).length + 1) + 3;
  }
  return JSON.stringify({
    peak_allocated_bytes: 2_000_000,
    peak_reserved_bytes: 3_000_000,
    largest_alloc_stack: frames,
    tensor_histogram: histogram,
    last_100_ops: ops,
    exit_code: 137,
    timestamp: "2026-04-21T18:30:00Z",
    ...extra,
  });
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {number} expected
 */
function run(program, args, expected) {
  const { status, stderr } = spawnSync(program, args, {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status !== expected) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stderr;
}

const folder = mkdtempSync(join(tmpdir(), "apr-bench-"));
try {
  const cases = [
    {
      name: "long stack",
      // One fraction sends the whole text through the exact parser.
      text: reportText((index) => ({ frame: `layers/qwen2.5/block${index}.py:7 in forward` }), { load: 1.5 }),
    },
    { name: "700,000 buckets", text: reportText((index) => ({ bucket: `${index}KiB` })) },
  ];
  for (const { name, text } of cases) {
    const path = join(folder, "report.json");
    writeFileSync(path, text);
    // It has no provenance, so a gate fails; every gate has judged it all the same.
    const apr = [APR, "lint", "oom", path, "--json"];
    const { ratio } = await comparePairs({
      name,
      a: () => run(process.execPath, apr, 5),
      b: () => run("jq", ["-e", ".", path], 0),
      pairs: PAIRS,
    });
    printRow({ name: `apr lint oom, ${name}, against jq -e .`, value: ratio, atMost: 1.5 });
    const measured = run("time", ["-f", "%M", process.execPath, ...apr], 5);
    const peakMib = (Number(measured.trim().split("\n").at(-1)) * 1024) / MIB;
    printRow({ name: `apr lint oom, ${name}, peak memory`, value: peakMib, unit: "MiB", atMost: 200 });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
