import type { FileFacts } from "../world/files.ts";
import type { World } from "../world/world.ts";
import { systemCode } from "../base/errors.ts";
import { type Snapshot, snapshot, totalBytes, without } from "./snapshot.ts";

/** What lies at a path: enough to say whether two moments show the same thing. */
export interface ContentState {
  readonly kind: "absent" | "file" | "folder" | "other";
  /** Of the bytes; of a folder, over its sorted paths, kinds and contents. Lower-case hex. Null: absent, or not readable. */
  readonly sha256: string | null;
  readonly size_bytes: number;
  readonly inode: bigint | null;
  readonly mode: number | null;
}

const UNSEEN = Symbol("not to be seen");

export const ABSENT: ContentState = { kind: "absent", sha256: null, size_bytes: 0, inode: null, mode: null };

/**
 * With `hidden`, a path relative to a folder: the folder is seen without it, and without folders that then hold no
 * file. When nothing is left to see, it counts as absent.
 */
export async function contentState(
  world: World,
  path: string,
  hidden: string | null = null,
): Promise<ContentState> {
  const facts = await readable(world.files.facts(path), UNSEEN);
  if (facts === null) return ABSENT;
  if (facts === UNSEEN) return { kind: "other", sha256: null, size_bytes: 0, inode: null, mode: null };
  const { inode, mode } = facts;
  if (facts.kind === "file") {
    const sha256 = await readable(fileDigest(world, path), null);
    return { kind: "file", sha256, size_bytes: facts.sizeBytes, inode, mode };
  }
  if (facts.kind === "folder") {
    const shot = await snapshot(world.files, path);
    const seen = hidden === null ? shot : without(shot, hidden);
    if (hidden !== null && seen.entries.size === 0) return ABSENT;
    const sha256 = await folderDigest(world, path, seen);
    return { kind: "folder", sha256, size_bytes: totalBytes(seen), inode, mode };
  }
  const target = facts.kind === "link" ? await world.files.readLink(path) : "";
  return { kind: "other", sha256: textDigest(world, target), size_bytes: 0, inode, mode };
}

/** The same content, whatever its inode and mode. */
export function sameContent(a: ContentState, b: ContentState): boolean {
  return a.kind === b.kind && a.sha256 === b.sha256 && (a.sha256 !== null || a.kind === "absent");
}

/** A program may take apr's permission to look at what it wrote: then nothing is known of it. */
async function readable<T, U>(work: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await work;
  } catch (error) {
    if (systemCode(error) === "EACCES") return otherwise;
    throw error;
  }
}

async function fileDigest(world: World, path: string): Promise<string> {
  const hasher = world.hash.sha256();
  for await (const chunk of world.files.readChunks(path)) hasher.update(chunk);
  return hasher.hex();
}

async function folderDigest(world: World, root: string, shot: Snapshot): Promise<string> {
  const hasher = world.hash.sha256();
  for (const [path, facts] of shot.entries) {
    hasher.update(`${path}\0${facts.kind}\0${await entryDigest(world, `${root}/${path}`, facts)}\0`);
  }
  return hasher.hex();
}

async function entryDigest(world: World, path: string, facts: FileFacts): Promise<string> {
  if (facts.kind === "file") return readable(fileDigest(world, path), "not readable");
  return facts.kind === "link" ? textDigest(world, await world.files.readLink(path)) : "";
}

function textDigest(world: World, text: string): string {
  const hasher = world.hash.sha256();
  hasher.update(text);
  return hasher.hex();
}
