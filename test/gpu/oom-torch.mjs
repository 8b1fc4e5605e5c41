// A real out-of-memory of torch.cuda under `apr run --pytorch`, checked from outside. For a machine with a CUDA device,
// python3 with PyTorch, Node and a built dist/:  node test/gpu/oom-torch.mjs [FOLDER]
// Prints a line PASS or FAIL for each check, keeps the report in FOLDER (default: a new one), exits 1 when one failed
// and 77 when there is no CUDA device for PyTorch.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const APR = fileURLToPath(new URL("../../dist/apr.cjs", import.meta.url));
const NOT_HERE = 77;
const GIB = 2 ** 30;

/** Takes the whole card, 1 GiB at a time, in functions whose names the report must show. */
const GROW = `
import sys, torch
held = []
def take_block(size):
    return torch.empty(size, dtype=torch.uint8, device="cuda")
def grow():
    while True:
        held.append(take_block(1 << 30))
def main():
    free, total = torch.cuda.mem_get_info()
    print(total, flush=True)
    try:
        grow()
    finally:
        print(len(held), flush=True)
main()
`;

/** Meets it, gives all back, and goes on. */
const CAUGHT = `
import torch, traceback
try:
    torch.empty(1 << 45, dtype=torch.uint8, device="cuda")
except torch.cuda.OutOfMemoryError:
    traceback.print_exc()
print(int(torch.ones(8, device="cuda").sum()))
`;

let failed = 0;

/** @param {string} what @param {boolean} good @param {unknown} [seen] */
function check(what, good, seen) {
  if (!good) failed += 1;
  console.log(
    `${good ? "PASS" : "FAIL"} ${what}${good || seen === undefined ? "" : `: ${JSON.stringify(seen)}`}`,
  );
}

/** @param {readonly string[]} flags @param {readonly string[]} command @param {Record<string, string>} [env] */
function aprRun(flags, command, env = {}) {
  const args = [APR, "run", ...flags, "--", ...command];
  return spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: 240_000,
  });
}

const probe = spawnSync(
  "python3",
  ["-c", "import torch; print(torch.__version__, torch.cuda.is_available())"],
  {
    encoding: "utf8",
  },
);
if (probe.status !== 0 || !probe.stdout.includes("True")) {
  console.log("not run: no CUDA device for PyTorch");
  process.exit(NOT_HERE);
}
const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "apr-gpu-"));
mkdirSync(folder, { recursive: true });
console.log(`PyTorch ${probe.stdout.trim()}, report kept in ${folder}`);

const program = join(folder, "grow.py");
writeFileSync(program, GROW);
const kept = join(folder, "reports");
const started = Date.now();
const death = aprRun(
  ["--pytorch", "--report", join(folder, "run.json"), "--report-dir", kept],
  ["python3", program],
);
console.log(`  took ${((Date.now() - started) / 1000).toFixed(1)} s`);
const [total = 0, blocks = 0] = death.stdout.trim().split("\n").map(Number);
check("the program's own exit code, 1", death.status === 1, {
  status: death.status,
  stderr: death.stderr.slice(-2000),
});
const path = /^OOM_REPORT path=(\/tmp\/apr-oom-\d+\.json)$/m.exec(death.stderr)?.[1];
check("one breadcrumb line", path !== undefined && death.stderr.match(/^OOM_REPORT/gm)?.length === 1);

const [name = ""] = readdirSync(kept);
const report = JSON.parse(readFileSync(join(kept, name), "utf8"));
const { cause, provenance } = report;
check("killed by the GPU, told by PyTorch", cause.killer === "gpu" && cause.tool === "pytorch-cuda", cause);
check("1 GiB was asked for", cause.requested_bytes === GIB, cause.requested_bytes);
check("the card's size, within a hundredth", Math.abs(cause.total_bytes / total - 1) < 0.01, [
  cause.total_bytes,
  total,
]);
check("free memory is less than was asked for", cause.free_bytes < GIB, cause.free_bytes);
check("peak allocated: the blocks that were held", report.peak_allocated_bytes === blocks * GIB, [
  report.peak_allocated_bytes,
  blocks * GIB,
]);
check("peak reserved covers it", report.peak_reserved_bytes >= report.peak_allocated_bytes);
check(
  "both peaks are from PyTorch's own observer",
  /observer/.test(provenance.peak_allocated_bytes.source) &&
    /observer/.test(provenance.peak_reserved_bytes.source),
  provenance,
);
const stack = report.largest_alloc_stack.join("\n");
const at = ["main", "grow", "take_block"].map((frame) => stack.search(new RegExp(`\\b${frame}\\b`)));
check(
  "the stack, outermost first: main, grow, take_block",
  at.every((place, index) => place > (at[index - 1] ?? -1)),
  report.largest_alloc_stack,
);
check(
  "the histogram is the snapshot's",
  /snapshot/i.test(provenance.tensor_histogram.source),
  provenance.tensor_histogram,
);
check(
  "it counts the blocks",
  Object.values(report.tensor_histogram).some((count) => count >= blocks),
  report.tensor_histogram,
);
check(
  "operations before the death",
  report.last_100_ops.length > 10 && report.last_100_ops.length <= 100,
  report.last_100_ops.length,
);
const series = Object.keys(report.curve);
console.log(
  `  curves: ${series.join(", ")}${series.includes("gpu") ? "" : " (nvidia-smi named no process of the program)"}`,
);

writeFileSync(join(folder, "stderr.txt"), death.stderr);
const lint = spawnSync(
  process.execPath,
  [APR, "lint", "oom", path ?? "", "--stderr", join(folder, "stderr.txt")],
  { encoding: "utf8" },
);
check(
  "every gate of crux-f-13, contract and strict, passes on the captured files",
  lint.status === 0,
  lint.stdout,
);
const run = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
check(
  "and live",
  run.verdicts.length >= 9 &&
    run.verdicts.every((/** @type {{ verdict: string }} */ { verdict }) => verdict === "pass"),
  run.verdicts,
);
console.log(`  GPU peak by nvidia-smi: ${run.memory.gpu_peak_bytes ?? "not seen"}`);
check(
  "nothing is left in the temporary folder",
  !readdirSync(tmpdir()).some((entry) => entry.startsWith("apr-run-")),
);

const caught = aprRun(["--pytorch"], ["python3", "-c", CAUGHT]);
check(
  "one that goes on stays a success, with a note",
  caught.status === 0 && caught.stdout.trim() === "8" && /^apr: the program met/m.test(caught.stderr),
  caught,
);
const strict = aprRun(["--pytorch", "--strict-exit"], ["python3", "-c", CAUGHT]);
check("--strict-exit ends with 5", strict.status === 5, strict.status);
const plain = aprRun([], ["python3", program]);
check(
  "without --pytorch it is told all the same",
  plain.status === 1 && /^OOM_REPORT path=/m.test(plain.stderr),
  plain.stderr.slice(-500),
);

console.log(failed === 0 ? "all checks passed" : `${failed} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
