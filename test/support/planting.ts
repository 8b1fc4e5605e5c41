import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { build } from "esbuild";

// The engine's real source with one mistake in it. For tests and benches: both hand in the bundler and the project's folder.

/** A change of one source file, as it would be made by mistake. */
export interface Patch {
  /** From the project's folder. */
  readonly file: string;
  /** Must stand in the file exactly once, or the patch has lost its place. */
  readonly find: string;
  readonly replace: string;
}

export interface Bundler {
  readonly build: typeof build;
  /** The project's folder. */
  readonly root: string;
}

/**
 * Bundles an entry into `outfile`, which Node can run, with one source file changed and nothing else; null changes
 * nothing. Throws when `find` is not in the file exactly once, and when the file is no part of the bundle: a patch
 * that changes nothing would prove nothing.
 */
export async function bundlePlanted(
  { build, root }: Bundler,
  entry: string,
  patch: Patch | null,
  outfile: string,
): Promise<void> {
  const text = patch === null ? "" : patched(root, patch);
  const path = patch === null ? null : realpathSync(join(root, patch.file));
  let planted = false;
  await build({
    ...{ absWorkingDir: root, entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm" },
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
}

/** The file's text with the change. */
export function patched(root: string, { file, find, replace }: Patch): string {
  const parts = readFileSync(join(root, file), "utf8").split(find);
  if (parts.length !== 2)
    throw new Error(`${file} has the text to change ${parts.length - 1} times: ${find}`);
  return parts.join(replace);
}
