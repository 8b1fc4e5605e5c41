import { type BigIntStats, lstatSync } from "node:fs";
import { systemCode } from "../../base/errors.ts";
import type { FileFacts, FileKind } from "../files.ts";

const BLOCK_BYTES = 512;

export function factsOf(stats: BigIntStats): FileFacts {
  return {
    kind: kindOf(stats),
    sizeBytes: Number(stats.size),
    mode: Number(stats.mode & 0o7777n),
    device: stats.dev,
    inode: stats.ino,
    links: Number(stats.nlink),
    allocatedBytes: Number(stats.blocks) * BLOCK_BYTES,
    uid: Number(stats.uid),
    modifiedNs: stats.mtimeNs,
    changedNs: stats.ctimeNs,
  };
}

/** The same words for `Stats` and for a folder's entries. */
export function kindOf(of: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}): FileKind {
  if (of.isFile()) return "file";
  if (of.isDirectory()) return "folder";
  return of.isSymbolicLink() ? "link" : "other";
}

/** `Files.facts`. Synchronous inside: it takes microseconds, and an awaited call ten times that. */
export function pathFacts(path: string): Promise<FileFacts | null> {
  return new Promise((resolve) => resolve(factsNow(path)));
}

function factsNow(path: string): FileFacts | null {
  try {
    return factsOf(lstatSync(path, { bigint: true }));
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}
