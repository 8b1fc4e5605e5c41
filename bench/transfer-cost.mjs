// What journal and trace cost, of the time of a pull. Neither can be turned off, so they are measured in place:
//
// - what they compute: a CPU profile of the pull (every 200 µs). A sample counts when anything of the journal, the
//   trace or the obligations is on its stack, whatever it calls. The profile's places are lines of the built chunks,
//   in which esbuild names the source of each part.
// - what they wait for: strace's times of every call on the journal's file by other threads than the main one, whose
//   own calls stand in the profile. They run beside the fetching, so their sum is at least what they cost.
//
// Each is taken of the time of the very run that it was measured in. APR_BENCH_MIB sets the size (2048).
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { printRow } from "./support/rows.mjs";
import { APR, inFolder, timed, writeModel } from "./support/store.mjs";
import { importTs } from "./support/typescript.mjs";

const MIB = Number(process.env.APR_BENCH_MIB ?? 2048);
const PARTS = /^src\/(?:transfer\/journal\/|transfer\/obligations\.ts|evidence\/)/;
const CALLS = "trace=pwrite64,pwritev,write,writev,fsync,fdatasync,ftruncate,openat";

/** @type {Map<string, readonly string[]>} */
const chunks = new Map();
let seenParts = false;

const { startNginx } = await importTs("test/support/transfer/nginx.ts");

await inFolder(async (folder) => {
  const served = join(folder, "served");
  mkdirSync(served);
  writeModel(join(served, "big.gguf"), MIB);
  const nginx = await startNginx({ root: served, folder: join(folder, "nginx") });
  try {
    const store = join(folder, "store");
    const args = ["pull", `${nginx.url}/big.gguf`, "--as", "t:a", "--progress", "none", "--store", store];
    timed([process.execPath, APR, ...args]);
    rmSync(store, { recursive: true });

    const profiles = join(folder, "profiles");
    const profiler = ["--cpu-prof", "--cpu-prof-interval", "200", "--cpu-prof-dir", profiles];
    const profiledMs = timed([process.execPath, ...profiler, APR, ...args]);
    rmSync(store, { recursive: true });
    const computedMs = readdirSync(profiles)
      .map((name) => shareOf(JSON.parse(readFileSync(join(profiles, name), "utf8"))))
      .reduce((sum, ms) => sum + ms, 0);

    const log = join(folder, "strace.log");
    const strace = ["strace", "-f", "-T", "-y", "-qq", "-s", "0", "-e", CALLS, "-o", log];
    const tracedMs = timed([...strace, process.execPath, APR, ...args]);
    const calls = journalCalls(readFileSync(log, "utf8"));
    const waitedMs = calls.reduce((sum, ms) => sum + ms, 0);

    const computed = (computedMs / profiledMs) * 100;
    const waited = (waitedMs / tracedMs) * 100;
    const unit = "%";
    printRow({ name: "journal and trace: processor, of the time", value: computed, unit });
    printRow({ name: `journal: ${calls.length} calls on its file, of the time`, value: waited, unit });
    printRow({ name: "journal and trace, of the time", value: computed + waited, unit, atMost: 3 });
  } finally {
    await nginx.kill();
  }
});

/**
 * Milliseconds in which a part of the journal or the trace was on the stack.
 * @param {{ nodes: { id: number, children?: number[], callFrame: { url: string, lineNumber: number } }[], samples: number[], timeDeltas: number[] }} profile
 */
function shareOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** @type {Set<number>} */
  const counted = new Set();
  let parts = 0;
  const visit = (/** @type {number} */ id, /** @type {boolean} */ within) => {
    const node = byId.get(id);
    if (node === undefined) return;
    const own = PARTS.test(sourceOf(node.callFrame));
    if (own) parts++;
    if (within || own) counted.add(id);
    for (const child of node.children ?? []) visit(child, within || own);
  };
  visit(nodes[0]?.id ?? 0, false);
  const all = samples.reduce((sum, id, index) => sum + (counted.has(id) ? (timeDeltas[index] ?? 0) : 0), 0);
  if (parts > 0) seenParts = true;
  return all / 1000;
}

/** The source file of a place in a built chunk: the last `// src/…` above it. @param {{ url: string, lineNumber: number }} frame */
function sourceOf({ url, lineNumber }) {
  if (!url.startsWith("file:")) return "";
  let lines = chunks.get(url);
  if (lines === undefined) {
    let source = "";
    lines = readFileSync(fileURLToPath(url), "utf8")
      .split("\n")
      .map((line) => (source = /^\/\/ (src\/\S+\.ts)$/.exec(line)?.[1] ?? source));
    chunks.set(url, lines);
  }
  return lines[lineNumber] ?? "";
}

/** Milliseconds of each call on a journal. @param {string} log */
function journalCalls(log) {
  const lines = log.split("\n");
  // The first call of all is the main thread's.
  const main = /^\d+ /.exec(lines[0] ?? "")?.[0];
  if (main === undefined) throw new Error("strace's log names no thread");
  return lines
    .filter((line) => !line.startsWith(main))
    .filter((line) => /<[^>]*\/transfers\/[^>]*journal[^>]*>/.test(line))
    .flatMap((line) => /<([0-9.]+)>$/.exec(line)?.slice(1) ?? [])
    .map((seconds) => Number(seconds) * 1000);
}

process.on("exit", () => {
  if (seenParts) return;
  console.log("the profile holds no part of journal or trace: nothing was measured");
  process.exitCode = 1;
});
