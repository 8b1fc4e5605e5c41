import { AprError } from "../base/errors.ts";
import type { Files } from "../world/files.ts";

/** A folder may not be deeper than this: a loop of links ends here. */
const MAX_DEPTH = 64;

export interface CopyOptions {
  /** Copy what links point to, and refuse anything that is neither file nor folder. */
  readonly followLinks: boolean;
}

/** Copies a file or a folder with its modes and times: some programs store them in their output. Blocks are shared where the file system can; nothing is ever hard-linked. */
export async function copyTree(
  files: Files,
  from: string,
  to: string,
  options: CopyOptions,
  depth = 0,
): Promise<void> {
  if (depth > MAX_DEPTH)
    throw new AprError("malformed", `a folder is deeper than ${MAX_DEPTH} levels: ${from}`);
  const source = options.followLinks ? await files.realPath(from) : from;
  const facts = await files.facts(source);
  // The person's own model keeps its mode, whatever it is.
  const reading = (needed: number, work: () => Promise<void>): Promise<void> =>
    options.followLinks ? work() : opened(files, source, facts?.mode ?? needed, needed, work);
  if (facts?.kind === "file") {
    await reading(0o400, () => files.copy(source, to));
    await files.setMode(to, facts.mode);
    await files.setModified(to, facts.modifiedNs);
  } else if (facts?.kind === "folder") {
    await files.makeFolder(to);
    await reading(0o500, async () => {
      for (const name of await files.list(source)) {
        await copyTree(files, `${source}/${name}`, `${to}/${name}`, options, depth + 1);
      }
    });
    await files.setMode(to, facts.mode);
    await files.setModified(to, facts.modifiedNs);
  } else if (options.followLinks) {
    throw new AprError("malformed", `neither a file nor a folder: ${from}`);
  } else if (facts?.kind === "link") {
    await files.symlink(await files.readLink(source), to);
  }
}

/** A program may take every permission from what it made: its owner gives them back while copying. */
async function opened(
  files: Files,
  path: string,
  mode: number,
  needed: number,
  work: () => Promise<void>,
): Promise<void> {
  if ((mode & needed) === needed) return work();
  await files.setMode(path, mode | needed).catch(() => undefined);
  try {
    await work();
  } finally {
    await files.setMode(path, mode).catch(() => undefined);
  }
}
