// `apr cp` of a large model: independent of its size, and near the time of `apr --version`; skopeo copies for comparison.
// APR_BENCH_MIB sets the size (4096).
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { comparePairs } from "./support/pairs.mjs";
import { printRow } from "./support/rows.mjs";
import { APR, inFolder, peakMib, timed, writeModel } from "./support/store.mjs";

const MIB = Number(process.env.APR_BENCH_MIB ?? 4096);

await inFolder(async (folder) => {
  const store = join(folder, "store");
  const apr = (/** @type {readonly string[]} */ args) => timed([process.execPath, APR, ...args]);
  const model = (/** @type {string} */ name, /** @type {number} */ mib) => {
    const path = join(folder, `${name}.gguf`);
    writeModel(path, mib);
    apr(["import", path, "--link", "--as", `${name}:one`, "--store", store]);
  };
  model("big", MIB);
  model("small", 1);
  let number = 0;
  const copy = (/** @type {string} */ name) =>
    apr(["cp", `${name}:one`, `${name}:copy-${number++}`, "--store", store]);
  const version = await comparePairs({
    name: "cp",
    a: () => copy("big"),
    b: () => apr(["--version"]),
  });
  printRow({ name: `apr cp of ${MIB} MiB, against apr --version`, value: version.ratio, atMost: 1.3 });
  const size = await comparePairs({ name: "size", a: () => copy("big"), b: () => copy("small") });
  printRow({ name: `apr cp of ${MIB} MiB, against apr cp of 1 MiB`, value: size.ratio, atMost: 1.1 });
  const argv = [process.execPath, APR, "cp", "big:one", "big:peak", "--store", store];
  printRow({ name: "apr cp, peak memory", value: peakMib(argv, {}), unit: "MiB", atMost: 200 });

  if (spawnSync("skopeo", ["--version"]).status !== 0) {
    console.log("apr cp against skopeo copy: not run: needs skopeo");
    return;
  }
  const layout = join(folder, "layout");
  apr(["export", "big:one", "--format", "oci", "-o", layout, "--store", store]);
  const skopeo = await comparePairs({
    name: "skopeo",
    a: () => copy("big"),
    b: () => timed(["skopeo", "copy", "--quiet", `oci:${layout}`, `oci:${join(folder, `peer-${number++}`)}`]),
    pairs: 2,
    warmUps: 0,
  });
  printRow({ name: `apr cp, against skopeo copy oci: oci:`, value: skopeo.ratio, atMost: 1 });
});
