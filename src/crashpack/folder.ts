import { join } from "node:path";
import type { Files } from "../world/files.ts";
import { type Disagreement, disagreement } from "./disagreement.ts";
import { CrashpackError } from "./errors.ts";
import { MAX_FILES, MAX_NAME_PARTS } from "./limits.ts";

const CHUNK_BYTES = 1024 * 1024;

export interface PackFolder {
  /** Names of the regular files, sorted by code unit. */
  readonly names: readonly string[];
  /** What no pack has: links, devices, folders too deep, more files than a pack may have. */
  readonly strange: readonly Disagreement[];
}

/** Lists the files of a pack. Follows no link. Throws CrashpackError `not-found` or `not-a-pack`. */
export async function listFolder(files: Files, dir: string): Promise<PackFolder> {
  const facts = await files.facts(dir);
  if (facts === null) throw new CrashpackError("not-found", `no crashpack: ${dir}`, [], "apr crashpack ls");
  if (facts.kind !== "folder") throw new CrashpackError("not-a-pack", `${dir} is no folder`);
  const names: string[] = [];
  const strange: Disagreement[] = [];
  await listInto(files, dir, "", { names, strange });
  return { names: names.sort(), strange };
}

interface Lists {
  readonly names: string[];
  readonly strange: Disagreement[];
}

async function listInto(files: Files, dir: string, under: string, lists: Lists): Promise<void> {
  const entries = await files.entries(join(dir, under), MAX_FILES).catch((error: unknown) => {
    if (error instanceof RangeError) return null;
    throw error;
  });
  if (entries === null) {
    lists.strange.push(disagreement(under === "" ? "." : under, null, "holds too many names"));
    return;
  }
  for (const { name, kind } of entries) {
    const path = under === "" ? name : `${under}/${name}`;
    if (lists.names.length + lists.strange.length > MAX_FILES) return;
    if (kind === "folder" && path.split("/").length < MAX_NAME_PARTS) {
      await listInto(files, dir, path, lists);
    } else if (kind === "file") {
      lists.names.push(path);
    } else {
      lists.strange.push(disagreement(path, null, kind === "link" ? "is a link" : "is no regular file"));
    }
  }
}

/**
 * Hands over the content of a regular file, in order; `between` is awaited after each piece. Resolves with the file's
 * size; null when it is larger than `maxBytes`.
 */
export async function readThrough(
  files: Files,
  path: string,
  maxBytes: number,
  take: (bytes: Buffer) => void,
  { between }: { readonly between?: () => Promise<void> } = {},
): Promise<number | null> {
  const file = await files.openRead(path);
  try {
    const { kind, sizeBytes } = await file.facts();
    if (kind !== "file") throw new CrashpackError("not-a-pack", `${path} is no regular file`);
    let offset = 0;
    const read = async (): Promise<Buffer> => {
      // A little more than is left, so that a small file costs little memory and one that grew shows.
      const room = Math.min(CHUNK_BYTES, Math.max(0, sizeBytes - offset) + 1);
      const buffer = Buffer.allocUnsafe(room);
      const got = await file.readAt(buffer, offset);
      offset += got;
      return buffer.subarray(0, got);
    };
    for (let chunk = await read(); chunk.length > 0; ) {
      if (offset > maxBytes) return null;
      // The next one is read while this one is looked at.
      const next = read();
      try {
        take(chunk);
        await between?.();
      } finally {
        await next.catch(() => undefined);
      }
      chunk = await next;
    }
    return offset;
  } finally {
    await file.close();
  }
}
