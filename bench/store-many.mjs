// A store of 10,000 tags: ls, and gc with 20,000 blobs, half of which no manifest names.
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printRow } from "./support/rows.mjs";
import { APR, inFolder, median, peakMib, timed } from "./support/store.mjs";

const TAGS = 10_000;
const UNUSED = 10_000;
const ROUNDS = 5;

await inFolder((folder) => {
  const list = join(folder, "list");
  fill(list, 0);
  const ls = [process.execPath, APR, "ls", "--json", "--store", list];
  timed(ls);
  const times = Array.from({ length: ROUNDS }, () => timed(ls));
  printRow({ name: `ls of ${TAGS} tags`, value: median(times) / 1000, unit: "s", atMost: 0.5 });
  printRow({ name: `ls of ${TAGS} tags, peak memory`, value: peakMib(ls, {}), unit: "MiB", atMost: 200 });

  const seconds = Array.from({ length: 3 }, (_, round) => {
    const store = join(folder, `gc-${round}`);
    fill(store, UNUSED);
    return timed([process.execPath, APR, "gc", "--store", store]) / 1000;
  });
  printRow({
    name: `gc of ${TAGS} tags and ${TAGS + UNUSED} blobs`,
    value: median(seconds),
    unit: "s",
    atMost: 2,
  });
  const store = join(folder, "gc-peak");
  fill(store, UNUSED);
  const gc = [process.execPath, APR, "gc", "--store", store];
  printRow({ name: "gc, peak memory", value: peakMib(gc, {}), unit: "MiB", atMost: 200 });
});

/** Each tag has a small blob of its own and shares one config. @param {string} store @param {number} unused */
function fill(store, unused) {
  const blobs = join(store, "blobs");
  mkdirSync(blobs, { recursive: true });
  const put = (/** @type {string} */ text) => {
    const hex = createHash("sha256").update(text).digest("hex");
    writeFileSync(join(blobs, `sha256-${hex}`), text, { mode: 0o444 });
    return { digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
  };
  const config = put('{"model_format":"gguf","model_family":"bench","model_type":"1K","file_type":"F16"}');
  for (let number = 0; number < TAGS; number++) {
    const folder = join(store, "manifests/registry.ollama.ai/library", `model-${number % 100}`);
    mkdirSync(folder, { recursive: true });
    const layer = put(`model ${number}`);
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.docker.container.image.v1+json", ...config },
      layers: [{ mediaType: "application/vnd.ollama.image.model", ...layer }],
    };
    writeFileSync(join(folder, `tag-${number}`), JSON.stringify(manifest));
  }
  for (let number = 0; number < unused; number++) put(`unused ${number}`);
}
