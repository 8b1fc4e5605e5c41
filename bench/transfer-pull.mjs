// A pull of one large model over loopback, verified and durable, against what people type instead. The same file, the
// same servers, in turn; every side ends with its data on the disk. APR_BENCH_MIB sets the size (2048).
import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printRow } from "./support/rows.mjs";
import { APR, inFolder, median, peakMib, timed, writeModel } from "./support/store.mjs";
import { importTs } from "./support/typescript.mjs";

const MIB = Number(process.env.APR_BENCH_MIB ?? 2048);
const ROUNDS = Number(process.env.APR_BENCH_ROUNDS ?? 5);
const SIZE = `${(MIB / 1024).toFixed(1)} GiB`;

const { startNginx } = await importTs("test/support/transfer/nginx.ts");
const { imageOf, writeLayoutFrame } = await importTs("test/support/transfer/model.ts");
const { startRegistry } = await importTs("test/support/transfer/registry.ts");

await inFolder(async (folder) => {
  const model = join(folder, "served", "big.gguf");
  mkdirSync(join(folder, "served"));
  writeModel(model, MIB);
  const hex = spawnSync("openssl", ["dgst", "-sha256", "-r", model], { encoding: "utf8" }).stdout.slice(
    0,
    64,
  );
  const nginx = await startNginx({ root: join(folder, "served"), folder: join(folder, "nginx") });
  const registry = await startRegistry({ folder: join(folder, "registry") });
  try {
    writeFileSync(join(folder, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}');
    const image = `${registry.host}/bench/big:a`;
    pushModel({ folder, model, hex, image });
    compare({ folder, url: `${nginx.url}/big.gguf`, hex, image });
  } finally {
    await nginx.kill();
    await registry.kill();
  }
});

/**
 * Pushes the model as an image of one layer.
 * @param {{ folder: string, model: string, hex: string, image: string }} what
 */
function pushModel({ folder, model, hex, image }) {
  const layout = join(folder, "layout");
  const bytes = { length: statSync(model).size };
  writeLayoutFrame(imageOf({ hex, digest: `sha256:${hex}`, bytes }), layout, "a");
  linkSync(model, join(layout, "blobs", "sha256", hex));
  timed([...skopeo(folder), "--dest-tls-verify=false", `oci:${layout}:a`, `docker://${image}`]);
  rmSync(layout, { recursive: true });
}

/** @param {string} folder */
function skopeo(folder) {
  return ["skopeo", "--policy", join(folder, "policy.json"), "copy", "-q"];
}

/** @param {{ folder: string, url: string, hex: string, image: string }} what */
function compare({ folder, url, hex, image }) {
  const out = join(folder, "out");
  const store = join(folder, "store");
  const shell = (/** @type {string} */ line) => ["sh", "-c", line];
  const pull = (/** @type {string} */ ref, /** @type {readonly string[]} */ flags = []) => [
    ...[process.execPath, APR, "pull", ref, "--as", "t:a", "--progress", "none", "--store", store],
    ...flags,
  ];
  /** @type {Record<string, readonly string[]>} */
  const sides = {
    "apr pull URL": pull(`${url}#sha256=${hex}`),
    "curl && sha256sum": shell(`curl -sf -o ${out} ${url} && sha256sum ${out} && sync ${out}`),
    "curl && openssl": shell(`curl -sf -o ${out} ${url} && openssl dgst -sha256 ${out} && sync ${out}`),
    "apr pull IMAGE": pull(image, ["--plain-http"]),
    "skopeo copy": shell(
      `${skopeo(folder).join(" ")} --src-tls-verify=false docker://${image} oci:${out}:a && sync ${out}/blobs/sha256/*`,
    ),
  };
  const times = new Map(Object.keys(sides).map((name) => [name, /** @type {number[]} */ ([])]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, argv] of Object.entries(sides)) {
      // What was written before this side is not this side's to wait for.
      spawnSync("sync");
      const ms = timed(argv);
      rmSync(out, { recursive: true, force: true });
      rmSync(store, { recursive: true, force: true });
      // The first round warms memory and page cache.
      if (round >= 0) times.get(name)?.push(ms);
    }
  }
  const of = (/** @type {string} */ name) => median(times.get(name) ?? []);
  for (const name of Object.keys(sides))
    printRow({ name: `${SIZE}: ${name}`, value: of(name) / 1000, unit: "s" });
  const bar = (/** @type {string} */ ours, /** @type {string} */ peer, /** @type {number} */ atLeast) =>
    printRow({ name: `${ours}, speed against ${peer}`, value: of(peer) / of(ours), atLeast });
  bar("apr pull URL", "curl && sha256sum", 2);
  bar("apr pull URL", "curl && openssl", 1);
  bar("apr pull IMAGE", "skopeo copy", 1.2);
  const peak = (/** @type {string} */ name) => {
    const value = peakMib(sides[name] ?? [], {});
    rmSync(store, { recursive: true, force: true });
    printRow({ name: `${name} ${SIZE}, peak memory`, value, unit: "MiB", atMost: 200 });
  };
  peak("apr pull URL");
  peak("apr pull IMAGE");
}
