// What recording a pull costs, so that it can be replayed should it fail: the same pull with and without a record, in
// turn. Processor time has the bar, since it is the steadier figure; memory and wall time are shown.
// APR_BENCH_MIB sets the size (1024), APR_BENCH_ROUNDS how often (9).
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { printRow } from "./support/rows.mjs";
import { APR, inFolder, median, writeModel } from "./support/store.mjs";
import { importTs } from "./support/typescript.mjs";

const MIB = Number(process.env.APR_BENCH_MIB ?? 1024);
const ROUNDS = Number(process.env.APR_BENCH_ROUNDS ?? 9);

const { startNginx } = await importTs("test/support/transfer/nginx.ts");

await inFolder(async (folder) => {
  const served = join(folder, "served");
  mkdirSync(served);
  writeModel(join(served, "big.gguf"), MIB);
  const nginx = await startNginx({ root: served, folder: join(folder, "nginx") });
  const store = join(folder, "store");
  const pull = [APR, "pull", `${nginx.url}/big.gguf`, "--as", "t:a", "--progress", "none", "--store", store];
  /** One pull under GNU time. @param {string} packs */
  const measured = (packs) => {
    const out = join(folder, "time");
    const args = ["-f", "%e %U %S %M", "-o", out, process.execPath, ...pull, "--crashpack", packs];
    const { status, stderr } = spawnSync("/usr/bin/time", args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`the pull ended with ${status}: ${stderr}`);
    rmSync(store, { recursive: true });
    const [wall = 0, user = 0, system = 0, kib = 0] = readFileSync(out, "utf8").split(" ").map(Number);
    return { wall, cpu: user + system, mib: kib / 1024 };
  };
  try {
    /** @type {ReturnType<typeof measured>[]} */
    const without = [];
    /** @type {ReturnType<typeof measured>[]} */
    const recorded = [];
    measured("off");
    for (let round = 0; round < ROUNDS; round++) {
      // Which goes first changes each round.
      const order = round % 2 === 0 ? [without, recorded] : [recorded, without];
      for (const list of order) list.push(measured(list === without ? "off" : join(folder, "packs")));
    }
    const name = `pull of ${MIB} MiB, recorded against not`;
    /** @param {"wall" | "cpu" | "mib"} key */
    const ratio = (key) => median(recorded.map((run) => run[key])) / median(without.map((run) => run[key]));
    printRow({ name: `${name}: processor time`, value: ratio("cpu"), atMost: 1.03 });
    printRow({ name: "  wall time", value: ratio("wall") });
    printRow({ name: "  peak memory", value: ratio("mib") });
  } finally {
    await nginx.kill();
  }
});
