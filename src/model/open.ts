import { join } from "node:path";
import { systemCode } from "../base/errors.ts";
import type { FileFacts, Files } from "../world/files.ts";
import type { ModelFolder, OpenSource } from "./folder-source.ts";
import { MAX_FOLDER_NAMES } from "./limits.ts";
import { sourceOfFile } from "./source.ts";

/** What a path leads to. Whoever gets a file closes it. */
export type OpenModel =
  | { readonly kind: "absent" }
  /** A device, a FIFO or a socket: nothing is read from those. */
  | { readonly kind: "other" }
  | { readonly kind: "file"; readonly file: OpenSource }
  | { readonly kind: "folder"; readonly folder: ModelFolder };

/**
 * Opens a model by its path. Links are followed, so a store that must not leave its root opens its blobs
 * itself. Errors of the disk are thrown, all but those that say that nothing is there.
 */
export async function openModel(files: Files, path: string): Promise<OpenModel> {
  const found = await follow(files, path);
  if (found === null) return { kind: "absent" };
  if (found.facts.kind === "folder") return { kind: "folder", folder: await openFolder(files, found.path) };
  const file = found.facts.kind === "file" ? await openFile(files, found.path) : null;
  return file === null ? { kind: "other" } : { kind: "file", file };
}

/** Opens a regular file by its path, links followed; null for anything else. */
export async function openModelFile(files: Files, path: string): Promise<OpenSource | null> {
  const found = await follow(files, path);
  return found?.facts.kind === "file" ? openFile(files, found.path) : null;
}

/** Where a path leads; null for nothing. */
async function follow(files: Files, path: string): Promise<{ path: string; facts: FileFacts } | null> {
  try {
    const real = await files.realPath(path);
    const facts = await files.facts(real);
    return facts === null ? null : { path: real, facts };
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}

/** Null when it is no regular file any more: between the look and the opening it may have been replaced. */
async function openFile(files: Files, path: string): Promise<OpenSource | null> {
  const file = await files.openRead(path);
  const { kind, sizeBytes } = await file.facts();
  if (kind === "file") return { source: sourceOfFile(file, sizeBytes), close: () => file.close() };
  await file.close();
  return null;
}

async function openFolder(files: Files, path: string): Promise<ModelFolder> {
  const entries = (await files.entries(path, MAX_FOLDER_NAMES)) ?? [];
  const names = entries.filter(({ kind }) => kind === "file" || kind === "link").map(({ name }) => name);
  return { names: names.sort(), open: (name) => openModelFile(files, join(path, name)) };
}
