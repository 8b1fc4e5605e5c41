// The five faults on a command that takes about 0.2 s, against that same command run cleanly by itself.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demoModel } from "../scripts/demo-model.mjs";
import { printRow } from "./support/rows.mjs";

const APR = fileURLToPath(new URL("../dist/apr.cjs", import.meta.url));
const MODEL_BYTES = 6 * 1024 * 1024;
const RUNS = 5;

const folder = mkdtempSync(join(tmpdir(), "apr-bench-"));
const model = join(folder, "model.bin");

/** @param {string} program @param {readonly string[]} args @param {readonly number[]} allowed */
function timed(program, args, allowed) {
  const start = performance.now();
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (!allowed.includes(status ?? -1)) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return performance.now() - start;
}

/** @param {readonly number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

try {
  writeFileSync(model, demoModel().subarray(0, MODEL_BYTES));
  const bare = [];
  const all = [];
  const chaos = ["qa", "chaos", "--model", model, "--output", "{model}.gz", "--force-flag=-f"];
  for (let run = 0; run < RUNS; run++) {
    const copy = join(folder, `copy-${run}`);
    copyFileSync(model, copy);
    bare.push(timed("gzip", ["-nk", copy], [0]));
    all.push(timed(process.execPath, [APR, ...chaos, "--", "gzip", "-nk", "{model}"], [0]));
  }
  const seconds = median(all) / 1000;
  const clean = (median(bare) / 1000).toFixed(2);
  printRow({ name: `five faults on gzip (${clean} s clean)`, value: seconds, unit: "s", atMost: 10 });
  printRow({
    name: "five faults, against one clean run",
    value: median(all) / median(bare),
    unit: "x",
    atMost: 50,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
