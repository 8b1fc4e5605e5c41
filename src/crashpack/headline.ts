import { join } from "node:path";
import { JOURNAL, MANIFEST } from "./names.ts";
import { readJournal } from "./journal-text.ts";
import { readManifest } from "./manifest-text.ts";
import { BadText } from "./text-lines.ts";
import type { PackWorld } from "./types.ts";

export interface Headline {
  readonly violations: number;
  /** The type of the first violation. */
  readonly first: string | null;
}

/** A list shows many packs: of one whose texts are larger than this only that it cannot be shown is said. */
const MAX_HEADLINE_BYTES = 1024 * 1024;

/** What a list says of a pack; null where that cannot be read. Nothing is checked against anything else. */
export async function packHeadline(
  { files }: Pick<PackWorld, "files">,
  dir: string,
): Promise<Headline | null> {
  const read = async (name: string): Promise<string | null> => {
    const found = await files.readSmall(join(dir, name), MAX_HEADLINE_BYTES);
    return found.kind === "bytes" ? Buffer.from(found.bytes).toString("utf8") : null;
  };
  const manifest = await read(MANIFEST);
  const journal = await read(JOURNAL);
  if (manifest === null || journal === null) return null;
  try {
    const { violations } = readManifest(manifest);
    const first = readJournal(journal).flatMap((result) => result.violations)[0];
    return { violations, first: first?.violation_type ?? null };
  } catch (error) {
    if (error instanceof BadText) return null;
    throw error;
  }
}
