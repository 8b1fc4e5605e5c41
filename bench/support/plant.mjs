// Bundles of the engine's real source with one mistake in it, for benches that need failing runs.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { importTs } from "./typescript.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { bundlePlanted } = await importTs("test/support/planting.ts");

/**
 * As `bundlePlanted` of test/support/planting.ts.
 * @param {string} entry from the project's folder
 * @param {{ file: string, find: string, replace: string } | null} patch
 * @param {string} outfile
 * @returns {Promise<void>}
 */
export function plantInto(entry, patch, outfile) {
  return bundlePlanted({ build, root }, entry, patch, outfile);
}
