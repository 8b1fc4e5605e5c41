// A pack with a trace of 1,000,000 events: writing it, and checking every file of it against every other.
// APR_BENCH_EVENTS sets the number of events.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { printRow } from "./support/rows.mjs";
import { APR, inFolder, median } from "./support/store.mjs";

const EVENTS = Number(process.env.APR_BENCH_EVENTS ?? 1_000_000);
const ROUNDS = Number(process.env.APR_BENCH_ROUNDS ?? 3);
const MAX_MIB = 1024;

// As a pull's trace is: a third of it in the path log. Making the events is not timed, holding them counts as memory.
const WRITER = `
  import { CrashpackBuilder } from "./src/crashpack/builder.ts";
  import { nodeStoreWorld } from "./src/world/node/store-world.ts";
  const [dir, count] = [process.argv[2], Number(process.argv[3])];
  const digest = "sha256:" + "0123456789abcdef".repeat(4);
  const dataOf = (at) => [
    ["path_chosen", { attempt: "a" + at, chunk: "blob-0:" + at, path: "mirror-b" }],
    ["checkpoint", { seq: at + 1, prev: digest, hash: digest }],
    ["message", { message: "path mirror-b wins the race for chunk " + at }],
    ["reserve", { id: "slot-" + at, what: "chunk", of: "fetch-" + (at % 8) }],
    ["commit", { id: "slot-" + at }],
    ["path_done", { attempt: "a" + at, chunk: "blob-0:" + at, path: "mirror-b" }],
  ][at % 6];
  const trace = Array.from({ length: count }, (_, at) => {
    const [kind, data] = dataOf(at);
    return { version: 1, seq: at + 1, time_ns: at * 1377, kind, data };
  });
  const start = performance.now();
  await new CrashpackBuilder().withTrace(trace).withSeed("world", 7).build().emitAtpTrace(nodeStoreWorld, dir);
  process.stdout.write(String(performance.now() - start));
`;

/** @param {string} folder */
async function writerIn(folder) {
  const { outputFiles } = await build({
    stdin: { contents: WRITER, resolveDir: fileURLToPath(new URL("..", import.meta.url)), loader: "ts" },
    ...{ bundle: true, platform: "node", format: "esm", target: "node20.19", packages: "external" },
    write: false,
  });
  const path = join(folder, "writer.mjs");
  writeFileSync(path, outputFiles[0]?.text ?? "");
  return path;
}

/** Runs Node under GNU time. @param {string} folder @param {readonly string[]} args */
function measured(folder, args) {
  const peak = join(folder, "peak");
  const start = performance.now();
  const run = ["-f", "%M", "-o", peak, process.execPath, ...args];
  const { status, stdout, stderr } = spawnSync("/usr/bin/time", run, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, stdout, mib: Number(readFileSync(peak, "utf8")) / 1024 };
}

await inFolder(async (folder) => {
  const writer = await writerIn(folder);
  const dir = join(folder, "pack");
  const writes = [];
  const verifies = [];
  for (let round = 0; round < ROUNDS; round++) {
    rmSync(dir, { recursive: true, force: true });
    const { mib, stdout } = measured(folder, [writer, dir, String(EVENTS)]);
    writes.push({ mib, seconds: Number(stdout) / 1000 });
    verifies.push(measured(folder, [APR, "crashpack", "verify", dir]));
  }
  const row = (
    /** @type {string} */ what,
    /** @type {readonly { seconds: number, mib: number }[]} */ runs,
  ) => {
    const name = `crashpack of ${EVENTS.toLocaleString("en-US")} events, ${what}`;
    printRow({ name, value: median(runs.map(({ seconds }) => seconds)), unit: "s", atMost: 5 });
    printRow({
      name: `${name}, peak`,
      value: Math.max(...runs.map(({ mib }) => mib)),
      unit: "MiB",
      atMost: MAX_MIB,
    });
  };
  row("write", writes);
  row("verify", verifies);
});
