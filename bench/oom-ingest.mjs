// A PyTorch snapshot of 500 MB becomes a report: speed, and peak memory beyond twice the report's size.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { printRow } from "./support/rows.mjs";
import { writeSnapshot } from "./support/snapshot.mjs";

const APR = process.env.APR_BENCH_ENTRY ?? fileURLToPath(new URL("../dist/apr.cjs", import.meta.url));
/** `APR_SNAPSHOT_MB=4000` takes a longer one. */
const MEGABYTES = Number(process.env.APR_SNAPSHOT_MB ?? 500);
const RUNS = 3;
const MIB = 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), "apr-bench-"));
try {
  const snapshot = join(folder, "snapshot.pickle");
  writeSnapshot(snapshot, MEGABYTES * 1e6);
  const sizeMb = statSync(snapshot).size / 1e6;
  let fastest = Number.POSITIVE_INFINITY;
  let peakMib = 0;
  const report = join(folder, "report.json");
  for (let run = 0; run < RUNS; run++) {
    const args = [
      "-f",
      "%e %M",
      process.execPath,
      APR,
      "oom",
      "ingest",
      snapshot,
      "--out",
      report,
      "--force",
    ];
    const { status, stderr } = spawnSync("time", args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`apr ended with ${status}: ${stderr}`);
    const [seconds, kib] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
    fastest = Math.min(fastest, seconds ?? Number.NaN);
    peakMib = Math.max(peakMib, (kib ?? Number.NaN) / 1024);
  }
  const reportMib = statSync(report).size / MIB;
  const name = `apr oom ingest, snapshot of ${Math.round(sizeMb)} MB`;
  printRow({ name: `${name}, best of ${RUNS}`, value: sizeMb / fastest, unit: "MB/s", atLeast: 40 });
  printRow({ name: `${name}, peak memory`, value: peakMib, unit: "MiB", atMost: 300 + 2 * reportMib });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
