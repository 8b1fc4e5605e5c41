// A bundle of a program with one mistake in the engine's source, for benches that need failing runs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Bundles an entry with one source file changed; gives the bundle's path. Throws when the text to change is not there
 * exactly once, and when the file is no part of the bundle.
 * @param {string} folder @param {string} entry from the project's folder
 * @param {{ file: string, find: string, replace: string }} patch
 */
export async function plantInto(folder, entry, { file, find, replace }) {
  const path = join(ROOT, file);
  const parts = readFileSync(path, "utf8").split(find);
  if (parts.length !== 2)
    throw new Error(`${file} has the text to change ${parts.length - 1} times: ${find}`);
  const outfile = join(folder, "planted.mjs");
  let planted = false;
  await build({
    ...{ absWorkingDir: ROOT, entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm" },
    ...{ target: "node20.19", external: ["koffi"], logLevel: "silent" },
    define: { __APR_VERSION__: '"0.0.0"', __APR_COMMIT__: "null" },
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    plugins: [
      {
        name: "plant",
        setup(context) {
          context.onLoad({ filter: /\.ts$/ }, (args) => {
            if (args.path !== path) return undefined;
            planted = true;
            return { contents: parts.join(replace), loader: "ts" };
          });
        },
      },
    ],
  });
  if (!planted) throw new Error(`${file} is not in the bundle of ${entry}`);
  return outfile;
}
