import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** What anybody who opens a store finds in it, read without apr. */
export interface Visible {
  /** `host/namespace/name/tag`, sorted. */
  readonly tags: readonly string[];
  /** Names in `blobs/`, sorted. */
  readonly blobs: readonly string[];
  /** Blobs whose bytes are not their name's, manifests that name a blob that is not there. */
  readonly wrong: readonly string[];
}

interface Entry {
  readonly digest: string;
  readonly size: number;
}

/** Reads all of it: every blob is hashed. */
export function visibleIn(store: string): Visible {
  const tags = filesIn(`${store}/manifests`);
  const blobs = filesIn(`${store}/blobs`);
  const wrong = blobs.filter((name) => name !== `sha256-${hexOfFile(`${store}/blobs/${name}`)}`);
  for (const tag of tags) wrong.push(...missingOf(`${store}/manifests/${tag}`, blobs));
  return { tags, blobs, wrong };
}

function missingOf(manifest: string, blobs: readonly string[]): string[] {
  const { config, layers } = JSON.parse(readFileSync(manifest, "utf8")) as { config: Entry; layers: Entry[] };
  return [config, ...layers]
    .map(({ digest }) => digest.replace(":", "-"))
    .filter((name) => !blobs.includes(name))
    .map((name) => `${manifest} names ${name}, which is not there`);
}

export function hexOfFile(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort();
}
