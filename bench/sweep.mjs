// How fast a sweep is: points a second for a command of about 7 ms, against the same strace runs in bare shell loops;
// and the whole sweep of gzip on 1 MiB.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demoModel } from "../scripts/demo-model.mjs";
import { printRow } from "./support/rows.mjs";

const APR = fileURLToPath(new URL("../dist/apr.cjs", import.meta.url));
const ROUNDS = 3;
/** A shell loop keeps a core busy by itself; a sweep looks at each run between two, and takes one job more. */
const LOOPS = availableParallelism();
const MODEL_BYTES = 60_000;
const BLOCK_BYTES = 4096;
const ERRORS = ["ENOSPC", "EIO", "EDQUOT"];

/** Copies in blocks after about 6 ms of work; removes its output when a write fails. */
const PROGRAM = `
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>
int main(int c, char **v) {
  struct timespec a, b;
  volatile double sum = 0;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
  do {
    for (int k = 0; k < 10000; k++) sum += k;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
  } while ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec) < 6e6);
  int in = open(v[1], O_RDONLY), out = open(v[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (in < 0 || out < 0) { perror("open"); return 1; }
  char block[${BLOCK_BYTES}];
  ssize_t n;
  while ((n = read(in, block, sizeof block)) > 0)
    if (write(out, block, n) != n) { perror("write"); unlink(v[2]); return 1; }
  if (n < 0) { perror("read"); unlink(v[2]); return 1; }
  return 0;
}`;

const folder = mkdtempSync(join(tmpdir(), "apr-bench-"));

try {
  writeFileSync(join(folder, "seven.c"), PROGRAM);
  must("gcc", ["-O1", "-o", join(folder, "seven"), join(folder, "seven.c")]);
  writeFileSync(join(folder, "model"), demoModel().subarray(0, MODEL_BYTES));
  writeFileSync(join(folder, "mib"), demoModel().subarray(0, 1024 * 1024));
  const [swept, bare] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    swept.push(sweep());
    bare.push(await loops());
  }
  const rate = median(swept);
  console.log(`  ${rate.toFixed(0)} runs a second swept, ${median(bare).toFixed(0)} bare, ${LOOPS} cores`);
  printRow({ name: "sweep of a 7 ms command", value: rate, unit: "/s", atLeast: 120 });
  printRow({ name: "sweep against bare strace loops", value: rate / median(bare), atLeast: 0.85 });
  const gzip = [];
  for (let round = 0; round < ROUNDS; round++) gzip.push(gzipSeconds());
  printRow({ name: "whole sweep of gzip -nk, 1 MiB", value: median(gzip), unit: "s", atMost: 10 });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Runs a second. */
function sweep() {
  const faults = ["--faults", ERRORS.join(","), "--repeat", "1", "--budget", "none"];
  const command = [join(folder, "seven"), "{model}", "{out}"];
  const report = apr(["--json", ...faults, "--model", join(folder, "model"), "--", ...command]);
  if (report.counts.failed + report.counts.not_reached > 0) throw new Error(JSON.stringify(report.counts));
  return report.runs / (report.sweep_ms / 1000);
}

/** The same injections by hand: one shell a job, each with its own output. */
async function loops() {
  const writes = Math.ceil(MODEL_BYTES / BLOCK_BYTES);
  const scripts = Array.from({ length: LOOPS }, (_, job) => script(writes, join(folder, `job-${job}`)));
  const start = performance.now();
  await Promise.all(scripts.map((text) => shell(text)));
  const runs = LOOPS * writes * ERRORS.length * 2;
  return runs / ((performance.now() - start) / 1000);
}

/** @param {number} writes @param {string} out */
function script(writes, out) {
  const errors = ERRORS.join(" ");
  const start = `strace -f --seccomp-bpf -o ${out}.log -e trace=write`;
  const command = `${join(folder, "seven")} ${join(folder, "model")} ${out}`;
  return `for error in ${errors}; do n=1; while [ $n -le ${writes} ]; do
    ${start} -e inject=write:error=$error:when=$n ${command} 2>/dev/null; rm -f ${out}
    ${start} -P ${out} -e inject=write:error=$error:when=$n+ ${command} 2>/dev/null; rm -f ${out}
    n=$((n + 1)); done; done; true`;
}

/** @param {string} text */
function shell(text) {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", text], { stdio: "ignore" });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve(undefined) : reject(new Error(`a loop ended with ${code}`)),
    );
  });
}

function gzipSeconds() {
  const start = performance.now();
  const model = ["--model", join(folder, "mib"), "--output", "{model}.gz", "--budget", "none"];
  const report = apr(["--json", ...model, "--", "gzip", "-nk", "{model}"]);
  if (report.counts.not_tried > 0) throw new Error("not every point was tried");
  return (performance.now() - start) / 1000;
}

/** @param {readonly string[]} args */
function apr(args) {
  const { stdout, stderr } = spawnSync(process.execPath, [APR, "qa", "sweep", ...args], {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (!stdout.startsWith("{")) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** @param {string} program @param {readonly string[]} args */
function must(program, args) {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
}

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
