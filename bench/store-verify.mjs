// Verify of eight large blobs on all cores, against the same on one core and against sha256sum.
// APR_BENCH_MIB sets the size of each (512).
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { printRow } from "./support/rows.mjs";
import { APR, inFolder, median, peakMib, timed, writeModel } from "./support/store.mjs";

const MIB = Number(process.env.APR_BENCH_MIB ?? 512);
const MODELS = 8;
const ROUNDS = Number(process.env.APR_BENCH_ROUNDS ?? 3);

await inFolder((folder) => {
  const store = join(folder, "store");
  for (let number = 0; number < MODELS; number++) {
    const model = join(folder, `model-${number}.gguf`);
    writeModel(model, MIB);
    timed([process.execPath, APR, "import", model, "--link", "--store", store]);
  }
  const blobs = readdirSync(join(store, "blobs")).map((name) => join(store, "blobs", name));
  const verify = [process.execPath, APR, "verify", "--store", store];
  timed(verify);
  const all = [];
  const one = [];
  const peer = [];
  for (let round = 0; round < ROUNDS; round++) {
    all.push(timed(verify));
    one.push(timed(["taskset", "-c", "0", ...verify]));
    peer.push(timed(["sha256sum", ...blobs]));
  }
  const what = `verify ${MODELS} × ${MIB} MiB`;
  printRow({ name: `${what}, speed against one core`, value: median(one) / median(all), atLeast: 1.8 });
  printRow({ name: `${what}, speed against sha256sum`, value: median(peer) / median(all), atLeast: 2 });
  printRow({ name: `${what}, peak memory`, value: peakMib(verify, {}), unit: "MiB", atMost: 200 });
});
