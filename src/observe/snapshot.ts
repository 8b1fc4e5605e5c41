import { systemCode } from "../base/errors.ts";
import type { FileFacts, Files } from "../world/files.ts";

/** A folder holds at most this many entries in a snapshot; the rest is counted, not listed. */
const MAX_ENTRIES = 200_000;

/** Every path below a folder, relative to it, with its facts. Sorted by path. */
export interface Snapshot {
  readonly entries: ReadonlyMap<string, FileFacts>;
  /** True when the folder held more than a snapshot takes. */
  readonly truncated: boolean;
}

export async function snapshot(files: Files, root: string): Promise<Snapshot> {
  const entries = new Map<string, FileFacts>();
  const queue = [""];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    for (const name of await namesIn(files, join(root, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const facts = await factsIn(files, join(root, path));
      if (facts === null) continue;
      if (entries.size >= MAX_ENTRIES) return { entries, truncated: true };
      entries.set(path, facts);
      if (facts.kind === "folder") queue.push(path);
    }
  }
  return { entries: new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1))), truncated: false };
}

/** Two facts are of the same untouched file: nothing wrote, replaced or relinked it in between. */
export function untouched(before: FileFacts, after: FileFacts): boolean {
  return (
    before.kind === after.kind &&
    before.inode === after.inode &&
    before.sizeBytes === after.sizeBytes &&
    before.mode === after.mode &&
    before.modifiedNs === after.modifiedNs &&
    before.changedNs === after.changedNs
  );
}

/** The bytes of all regular files in a snapshot. */
export function totalBytes(shot: Snapshot): number {
  let sum = 0;
  for (const facts of shot.entries.values()) if (facts.kind === "file") sum += facts.sizeBytes;
  return sum;
}

function join(root: string, path: string): string {
  return path === "" ? root : `${root}/${path}`;
}

/** Null also in a folder that may be listed but not entered. */
async function factsIn(files: Files, path: string): Promise<FileFacts | null> {
  try {
    return await files.facts(path);
  } catch (error) {
    if (systemCode(error) === "EACCES") return null;
    throw error;
  }
}

async function namesIn(files: Files, path: string): Promise<string[]> {
  try {
    return await files.list(path);
  } catch {
    // Unreadable or gone in the meantime: it is listed itself, its content cannot be.
    return [];
  }
}
