import { CrashpackError } from "./errors.ts";
import { disagreementText } from "./disagreement.ts";
import { type Examination, examineCrashpack } from "./examine.ts";
import { AtpCrashpack } from "./pack.ts";
import type { PackEvent, PackFacts, PackWorld } from "./types.ts";

/**
 * Reads a pack back, after everything in it was checked against everything else. Throws CrashpackError: `not-found`,
 * `not-a-pack`, or `files-disagree` with the file, or both files that disagree; errors of the disk as they are.
 */
export async function readCrashpack(world: PackWorld, dir: string): Promise<AtpCrashpack> {
  const events: PackEvent[] = [];
  const contents = new Map<string, Uint8Array>();
  const found = await examineCrashpack(world, dir, {
    onEvents: (some) => {
      for (const event of some) events.push(event);
    },
    onArtifact: (name, content) => contents.set(name, content),
  });
  return new AtpCrashpack({ ...soundFacts(found, dir), trace_events: events, contents });
}

/** The facts of a pack in which nothing disagrees. Throws CrashpackError `files-disagree` for any other. */
export function soundFacts({ disagreements, facts }: Examination, dir: string): PackFacts {
  const [first] = disagreements;
  if (first === undefined && facts !== null) return facts;
  const what = first === undefined ? "it cannot be read" : disagreementText(first);
  const more = disagreements.length > 1 ? `; and ${disagreements.length - 1} more` : "";
  throw new CrashpackError(
    "files-disagree",
    `${dir} is damaged: ${what}${more}`,
    first === undefined ? [] : first.other === null ? [first.file] : [first.file, first.other],
    "apr crashpack verify shows everything that is wrong",
  );
}
