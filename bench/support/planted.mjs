// The engine's real source with one change in it, bundled for a bench.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Bundles an entry with one source file changed, as test/support/plant.ts does. Throws where the text to change is not
 * in the file exactly once, and where the file is no part of the bundle.
 * @param {string} entry from the project's folder
 * @param {{ file: string, find: string, replace: string } | null} patch
 * @param {string} outfile
 */
export async function bundlePlanted(entry, patch, outfile) {
  let planted = patch === null;
  await build({
    ...{ absWorkingDir: ROOT, entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm" },
    ...{ target: "node20.19", external: ["koffi"], logLevel: "silent" },
    plugins: [
      {
        name: "plant",
        setup(context) {
          context.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            if (patch === null || path !== ROOT + patch.file) return undefined;
            const parts = readFileSync(path, "utf8").split(patch.find);
            if (parts.length !== 2) throw new Error(`${patch.file} has the text ${parts.length - 1} times`);
            planted = true;
            return { contents: parts.join(patch.replace), loader: "ts" };
          });
        },
      },
    ],
  });
  if (!planted) throw new Error(`${patch?.file} is not in the bundle of ${entry}`);
}
