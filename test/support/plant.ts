import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { onTestFinished } from "vitest";
import { ROOT } from "./files.ts";
import { bundlePlanted, type Patch, patched as patchedIn } from "./planting.ts";

export type { Patch };

/** A bundle of an entry with one mistake in the source; it is gone after the test. Throws as `bundlePlanted` does. */
export async function plantedBundle(entry: string, patch: Patch | null): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "apr-plant-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, "bundle.mjs");
  await bundlePlanted({ build, root: ROOT }, entry, patch, outfile);
  return outfile;
}

/** The file's text with the change. */
export function patched(patch: Patch): string {
  return patchedIn(ROOT, patch);
}
