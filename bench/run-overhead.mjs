// What `apr run` adds to a program: its time on a program of 2 s, its own memory, its time on 500 processes.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { comparePairs } from "./support/pairs.mjs";
import { printRow } from "./support/rows.mjs";

const APR = process.env.APR_BENCH_ENTRY ?? fileURLToPath(new URL("../dist/apr.cjs", import.meta.url));

/** Busy for 2 s of wall time, and takes some memory on its way. */
const TWO_SECONDS = [
  process.execPath,
  "-e",
  "const end = performance.now() + 2000; const all = []; while (performance.now() < end) { if (all.length < 64) all.push(Buffer.alloc(1 << 20, 1)); Math.sqrt(all.length); }",
];

/** 500 processes that live for about 3 s, and a parent that works for as long as a fixed piece of work takes. */
const MANY = [
  "sh",
  "-c",
  `i=0; while [ $i -lt 500 ]; do sleep 30 & i=$((i+1)); done; "${process.execPath}" -e "let x = 0; for (let i = 0; i < 3e9; i++) x = (x + i) | 0; if (x === 1) console.log(x)"; kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; exit 0`,
];

/** @param {readonly string[]} argv */
function exec(argv) {
  const [program, ...args] = argv;
  const { status, stderr } = spawnSync(program ?? "", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${argv.join(" ")} failed: ${stderr}`);
}

/** @param {readonly string[]} argv */
function withNodesStart(argv) {
  exec([process.execPath, "-e", "0"]);
  exec(argv);
}

/** @param {readonly string[]} argv */
const underApr = (argv) => exec([process.execPath, APR, "run", "--", ...argv]);

// Node's own start is measured in the same rounds, so that whatever slows the machine slows both.
const two = await comparePairs({
  name: "apr run, 2 s",
  a: () => underApr(TWO_SECONDS),
  b: () => withNodesStart(TWO_SECONDS),
  pairs: 9,
  warmUps: 1,
});
printRow({
  name: "apr run on 2 s, beyond node -e 0",
  value: two.aMs - two.bMs,
  unit: "ms",
  atMost: 0.01 * two.bMs,
});
printRow({ name: "apr run, its own peak memory", value: await ownPeakMib(), unit: "MiB", atMost: 80 });

const many = await comparePairs({
  name: "apr run, 500 processes",
  a: () => underApr(MANY),
  b: () => withNodesStart(MANY),
  pairs: 5,
  warmUps: 1,
});
printRow({ name: "apr run, 500 processes", value: many.ratio, atMost: 1.05 });

/** The highest resident size of apr itself, from the kernel's own mark, looked at until it ends. */
async function ownPeakMib() {
  const child = spawn(process.execPath, [APR, "run", "--", ...TWO_SECONDS], { stdio: "ignore" });
  let peak = 0;
  for (let looks = 0; looks < 2000 && child.exitCode === null; looks++) {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
      peak = Math.max(peak, Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0));
    } catch {
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return peak / 1024;
}
