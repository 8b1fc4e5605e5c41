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

/** A folder counts like a file when nobody can look into it. */
const ENTERABLE = 0o500;

/** A snapshot's paths that are not mere folders. */
function filesIn(shot: Snapshot): string[] {
  const isFile = ({ kind, mode }: FileFacts): boolean =>
    kind !== "folder" || (mode & ENTERABLE) !== ENTERABLE;
  return [...shot.entries].filter(([, facts]) => isFile(facts)).map(([path]) => path);
}

/** What lies at a path and is no mere folder: `""` for the path itself, `/name` for what is below it. */
export async function filesAt(files: Files, path: string): Promise<string[]> {
  const facts = await factsIn(files, path);
  if (facts === null) return [];
  if (facts.kind !== "folder") return [""];
  return filesIn(await snapshot(files, path)).map((name) => `/${name}`);
}

/** A snapshot without one path and what is below it, and without the folders that then hold no file. */
export function without(shot: Snapshot, hidden: string): Snapshot {
  const kept = new Set<string>();
  for (const file of filesIn(shot)) {
    if (file === hidden || file.startsWith(`${hidden}/`)) continue;
    let path = file;
    while (path !== "" && !kept.has(path)) {
      kept.add(path);
      path = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    }
  }
  return { ...shot, entries: new Map([...shot.entries].filter(([path]) => kept.has(path))) };
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
