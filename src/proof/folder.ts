import { join } from "node:path";
import type { World } from "../world/world.ts";
import { AgentProofError } from "./errors.ts";
import { MAX_SIGNED_DEPTH, MAX_SIGNED_FILES } from "./limits.ts";
import type { Subject } from "./statement.ts";

/** The envelope lies in the folder that it is about, and is no subject of itself. */
export const ENVELOPE = "proof.dsse.json";

const CHUNK_BYTES = 1024 * 1024;

type FolderWorld = Pick<World, "files" | "hash">;

/**
 * Every file of a folder with its digest, the envelope left out, sorted by name. Follows no link. Throws AgentProofError
 * `not-found`, `not-a-folder`, `strange-file` for what is neither file nor folder, or `too-large`.
 */
export async function folderSubjects(world: FolderWorld, dir: string): Promise<Subject[]> {
  const facts = await world.files.facts(dir);
  if (facts === null) throw new AgentProofError("not-found", `no such folder: ${dir}`);
  if (facts.kind !== "folder") throw new AgentProofError("not-a-folder", `${dir} is no folder`);
  const names: string[] = [];
  await listInto(world, dir, "", names);
  const subjects: Subject[] = [];
  for (const name of names.sort()) {
    if (name !== ENVELOPE) subjects.push({ name, sha256: await digest(world, join(dir, name)) });
  }
  return subjects;
}

async function listInto(world: FolderWorld, dir: string, under: string, names: string[]): Promise<void> {
  const entries = await world.files.entries(join(dir, under), MAX_SIGNED_FILES).catch((error: unknown) => {
    if (error instanceof RangeError) throw tooMany(dir);
    throw error;
  });
  for (const { name, kind } of entries ?? []) {
    const path = under === "" ? name : `${under}/${name}`;
    if (names.length > MAX_SIGNED_FILES) throw tooMany(dir);
    if (name.includes("\ufffd")) throw new AgentProofError("strange-file", `${path} is no UTF-8 name`, path);
    if (kind === "folder" && path.split("/").length <= MAX_SIGNED_DEPTH)
      await listInto(world, dir, path, names);
    else if (kind === "file") names.push(path);
    else
      throw new AgentProofError(
        "strange-file",
        `${path} is ${kind === "link" ? "a link" : "no regular file"}`,
        path,
      );
  }
}

function tooMany(dir: string): AgentProofError {
  return new AgentProofError("too-large", `${dir} holds more than ${MAX_SIGNED_FILES} files`);
}

async function digest({ files, hash }: FolderWorld, path: string): Promise<string> {
  const file = await files.openRead(path);
  try {
    const hasher = hash.sha256();
    const { sizeBytes } = await file.facts();
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes + 1));
    for (let at = 0; ; ) {
      const got = await file.readAt(buffer, at);
      if (got === 0) return hasher.hex();
      hasher.update(buffer.subarray(0, got));
      at += got;
    }
  } finally {
    await file.close();
  }
}
