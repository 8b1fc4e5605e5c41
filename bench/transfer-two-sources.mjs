// One file from two servers that give 50 MB/s each, in total over all their connections: together 95 MB/s or more,
// from the command's start until everything is verified and on the disk. APR_BENCH_MIB sets the size (512).
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { rmSync, statSync } from "node:fs";
import { printRow } from "./support/rows.mjs";
import { APR, inFolder, timed, writeModel } from "./support/store.mjs";
import { startThrottled } from "./support/typescript.mjs";

const MIB = Number(process.env.APR_BENCH_MIB ?? 1024);
const EACH_BYTES_PER_SECOND = 50_000_000;

await inFolder(async (folder) => {
  const model = join(folder, "big.gguf");
  writeModel(model, MIB);
  const hex = spawnSync("openssl", ["dgst", "-sha256", "-r", model], { encoding: "utf8" }).stdout.slice(
    0,
    64,
  );
  const one = await startThrottled(model, EACH_BYTES_PER_SECOND);
  const two = await startThrottled(model, EACH_BYTES_PER_SECOND);
  try {
    const store = join(folder, "store");
    const pull = [process.execPath, APR, "pull", `${one.url}#sha256=${hex}`, "--as", "t:a", "--store", store];
    const { size } = statSync(model);
    const alone = size / 1e3 / timed([...pull, "--progress", "none"]);
    const before = (await one.sentBytes()) + (await two.sentBytes());
    rmSync(store, { recursive: true });
    const both = size / 1e3 / timed([...pull, "--from", `${two.url}#sha256=${hex}`, "--progress", "none"]);
    const sent = (await one.sentBytes()) + (await two.sentBytes()) - before;
    printRow({ name: "one source of 50 MB/s", value: alone, unit: "MB/s" });
    printRow({ name: "two sources of 50 MB/s each", value: both, unit: "MB/s", atLeast: 95 });
    printRow({ name: "two sources: bytes sent, of the size", value: sent / size, atMost: 1.02 });
  } finally {
    await one.kill();
    await two.kill();
  }
});
