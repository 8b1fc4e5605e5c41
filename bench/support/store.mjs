// What the benches of the store share: model files of any size, timed runs, peak memory.
import { spawnSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const APR = fileURLToPath(new URL("../../dist/apr.cjs", import.meta.url));
const MIB = 1024 * 1024;

/** Runs `work` with a new folder and removes it afterwards. @param {(folder: string) => void | Promise<void>} work */
export async function inFolder(work) {
  const folder = mkdtempSync(join(process.env.APR_BENCH_FOLDER ?? tmpdir(), "apr-bench-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A sound GGUF model of `mib` MiB with random values. @param {string} path @param {number} mib */
export function writeModel(path, mib) {
  const file = openSync(path, "wx");
  const header = ggufHeader(mib * MIB - 4096);
  const padded = Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32)]);
  writeSync(file, padded);
  const block = randomFillSync(Buffer.alloc(8 * MIB));
  for (let left = mib * MIB - 4096; left > 0; left -= block.length) {
    randomFillSync(block, 0, 64);
    writeSync(file, block, 0, Math.min(block.length, left));
  }
  fsyncSync(file);
  closeSync(file);
}

/** @param {number} values */
function ggufHeader(values) {
  const u32 = (/** @type {number} */ value) => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (/** @type {number} */ value) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const text = (/** @type {string} */ value) => Buffer.concat([u64(value.length), Buffer.from(value)]);
  const pair = [text("general.architecture"), u32(8), text("bench")];
  const rows = values / 4096;
  const tensor = [text("weights"), u32(2), u64(4096), u64(rows), u32(24), u64(0)];
  return Buffer.concat([Buffer.from("GGUF"), u32(3), u64(1), u64(1), ...pair, ...tensor]);
}

/**
 * Runs a program to its end; throws when it fails. Wall time in ms.
 * @param {readonly string[]} argv @param {Record<string, string>} [env]
 */
export function timed(argv, env = {}) {
  const [program = "", ...args] = argv;
  const start = performance.now();
  const stdio = ["ignore", "ignore", "pipe"];
  const { status, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    stdio,
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - start;
}

/** Peak resident size of a run, in MiB, from GNU time. @param {readonly string[]} argv @param {Record<string, string>} env */
export function peakMib(argv, env) {
  const file = join(tmpdir(), `apr-bench-peak-${process.pid}`);
  timed(["/usr/bin/time", "-f", "%M", "-o", file, ...argv], env);
  const kib = Number(readFileSync(file, "utf8"));
  rmSync(file);
  return kib / 1024;
}

/** @param {readonly number[]} values */
export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** SHA-256 of a file by `node:crypto` alone, in a process of its own. @param {string} path */
export function hashAlone(path) {
  const program = `
    const { createHash } = require("node:crypto"); const { openSync, readSync } = require("node:fs");
    const hash = createHash("sha256"); const file = openSync(process.argv[1]); const buffer = Buffer.alloc(4 << 20);
    for (let n; (n = readSync(file, buffer, 0, buffer.length, null)) > 0; ) hash.update(buffer.subarray(0, n));
    hash.digest("hex");`;
  return [process.execPath, "-e", program, path];
}
