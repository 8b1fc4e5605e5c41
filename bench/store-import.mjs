// Import of one large model: by copy, against the slower of the hash alone and dd with a sync; and with no copy at all.
// APR_BENCH_MIB sets the size (4096). Peers run in the same rounds, one after the other.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printRow } from "./support/rows.mjs";
import { APR, hashAlone, inFolder, median, peakMib, timed, writeModel } from "./support/store.mjs";

const MIB = Number(process.env.APR_BENCH_MIB ?? 4096);
const ROUNDS = Number(process.env.APR_BENCH_ROUNDS ?? 3);
const GIB = (MIB / 1024).toFixed(1);

/** @param {string} model @param {string} store @param {readonly string[]} [flags] */
function importOf(model, store, flags = []) {
  return [process.execPath, APR, "import", model, "--as", "big:one", "--store", store, ...flags];
}

await inFolder((folder) => {
  const model = join(folder, "big.gguf");
  writeModel(model, MIB);
  const copy = [];
  const hash = [];
  const copied = [];
  const store = join(folder, "store");
  const target = join(folder, "dd");
  const dd = () => timed(["dd", `if=${model}`, `of=${target}`, "bs=4M", "conv=fsync", "status=none"]);
  // Memory that was free for a while may have gone back to the host and costs more: each copy begins with as much just freed.
  const freshen = () => {
    dd();
    rmSync(target);
  };
  timed(hashAlone(model));
  for (let round = 0; round < ROUNDS; round++) {
    freshen();
    copy.push(timed(importOf(model, store)));
    rmSync(store, { recursive: true });
    freshen();
    copied.push(dd());
    rmSync(target);
    hash.push(timed(hashAlone(model)));
  }
  const slower = Math.max(median(hash), median(copied));
  printRow({ name: `${GIB} GiB: the hash alone`, value: median(hash) / 1000, unit: "s" });
  printRow({ name: `${GIB} GiB: dd conv=fsync`, value: median(copied) / 1000, unit: "s" });
  printRow({ name: `${GIB} GiB: apr import by copy`, value: median(copy) / 1000, unit: "s" });
  const name = `import ${GIB} GiB by copy, speed against the slower of hash and dd`;
  printRow({ name, value: slower / median(copy), atLeast: 0.9 });
  printRow({
    name: `import ${GIB} GiB, peak memory`,
    value: peakMib(importOf(model, store), {}),
    unit: "MiB",
    atMost: 200,
  });
  rmSync(store, { recursive: true });

  const link = [];
  const alone = [];
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(timed(hashAlone(model)));
    link.push(timed(importOf(model, store, ["--link"])));
    rmSync(store, { recursive: true });
  }
  printRow({
    name: "import by hard link, speed against the hash alone",
    value: median(alone) / median(link),
    atLeast: 0.95,
  });
});

await inFolder((folder) => {
  const image = join(folder, "xfs.img");
  const mount = join(folder, "xfs");
  mkdirSync(mount);
  writeFileSync(image, "");
  truncateSync(image, (MIB * 3 + 1024) * 1024 * 1024);
  const made = spawnSync("mkfs.xfs", ["-q", "-m", "reflink=1", image]).status === 0;
  if (!made || spawnSync("mount", ["-o", "loop", image, mount]).status !== 0) {
    console.log("import by reflink: not run: needs mkfs.xfs and leave to mount a loop device");
    return;
  }
  try {
    const model = join(mount, "big.gguf");
    writeModel(model, MIB);
    const alone = [];
    const reflink = [];
    const store = join(mount, "store");
    const before = usedBytes(mount);
    timed(hashAlone(model));
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(timed(hashAlone(model)));
      reflink.push(timed(importOf(model, store)));
      const grown = usedBytes(mount) - before;
      if (grown > 16 * 1024 * 1024)
        throw new Error(`a reflink import made a copy: ${grown} bytes more in use`);
      rmSync(store, { recursive: true });
    }
    printRow({
      name: "import by reflink (XFS), speed against the hash alone",
      value: median(alone) / median(reflink),
      atLeast: 0.95,
    });
  } finally {
    spawnSync("umount", [mount]);
  }
});

/** @param {string} mount */
function usedBytes(mount) {
  const { stdout } = spawnSync("df", ["--output=used", "-B1", mount], { encoding: "utf8" });
  statSync(mount);
  return Number(stdout.split("\n")[1]);
}
