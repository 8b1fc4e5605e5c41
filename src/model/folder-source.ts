import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { ByteSource } from "./source.ts";

/** A file of a folder, open. */
export interface OpenSource {
  readonly source: ByteSource;
  close(): Promise<void>;
}

/** A model's folder as its reader sees it. */
export interface ModelFolder {
  /** Names of the files in it, sorted. */
  readonly names: readonly string[];
  /** Null when nothing has this name, or nothing that is a regular file. */
  open(name: string): Promise<OpenSource | null>;
}

export interface FolderOptions {
  /** Keep every tensor of every shard. */
  readonly tensors?: boolean;
}

/** Opens a file of the folder, and closes it whatever happens. */
export async function withFile<T>(
  folder: ModelFolder,
  name: string,
  otherwise: "missing-shard" | "missing-weights",
  use: (source: ByteSource) => Promise<T>,
): Promise<T> {
  const open = await folder.open(name);
  if (open === null) throw refuse(otherwise, "there is no such file in the folder", { file: name });
  try {
    return await use(open.source);
  } finally {
    await open.close();
  }
}

/** Adds the file's name to a refusal of one of the folder's files. */
export function named<T extends object>(outcome: T | Refusal, file: string): T {
  if (isRefusal(outcome)) throw refuse(outcome.code, outcome.message, { ...outcome, file });
  return outcome;
}
