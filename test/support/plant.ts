import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { onTestFinished } from "vitest";
import { ROOT } from "./files.ts";

/** A change of one source file, as it would be made by mistake. */
export interface Patch {
  /** From the project's folder. */
  readonly file: string;
  /** Must stand in the file exactly once, or the patch has lost its place. */
  readonly find: string;
  readonly replace: string;
}

/**
 * Bundles an entry with one source file changed, and nothing else; gives the path of the bundle, which Node can
 * run and which is gone after the test. Throws when `find` is not in the file exactly once, and when the file is
 * no part of the bundle: a patch that changes nothing would prove nothing.
 */
export async function plantedBundle(entry: string, patch: Patch | null): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "apr-plant-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, "bundle.mjs");
  const text = patch === null ? "" : patched(patch);
  const path = patch === null ? null : realpathSync(join(ROOT, patch.file));
  let planted = false;
  await build({
    ...{ absWorkingDir: ROOT, entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm" },
    ...{ target: "node20.19", external: ["koffi"], logLevel: "silent" },
    define: { __APR_VERSION__: '"0.0.0"', __APR_COMMIT__: "null" },
    // Packages written in CommonJS call for Node's own modules in this way.
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
            return { contents: text, loader: "ts" };
          });
        },
      },
    ],
  });
  if (patch !== null && !planted) throw new Error(`${patch.file} is not in the bundle of ${entry}`);
  return outfile;
}

/** The file's text with the change. */
export function patched({ file, find, replace }: Patch): string {
  const parts = readFileSync(join(ROOT, file), "utf8").split(find);
  if (parts.length !== 2)
    throw new Error(`${file} has the text to change ${parts.length - 1} times: ${find}`);
  return parts.join(replace);
}
