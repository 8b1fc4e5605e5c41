export type FileKind = "file" | "folder" | "link" | "other";

/** What `lstat` says of a path. Times are exact nanoseconds. */
export interface FileFacts {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** Permission bits only, such as 0o644. */
  readonly mode: number;
  readonly inode: bigint;
  readonly links: number;
  readonly uid: number;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

export interface SpaceFacts {
  readonly freeBytes: number;
  readonly freeInodes: number;
}

/** The disk. Errors are the system's own, with their `code`. */
export interface Files {
  /** Facts without following a link; null when nothing is there. */
  facts(path: string): Promise<FileFacts | null>;
  /** The path with every link resolved. */
  realPath(path: string): Promise<string>;
  /** Names in a folder, sorted by code unit. */
  list(path: string): Promise<string[]>;
  /** A whole small file; throws RangeError when it is larger than `maxBytes`. */
  readBounded(path: string, maxBytes: number): Promise<Uint8Array>;
  /** The content in order, in chunks of at most 1 MiB. */
  readChunks(path: string): AsyncIterable<Uint8Array>;
  readLink(path: string): Promise<string>;
  /** Creates or replaces a file in place. */
  write(path: string, data: string | Uint8Array, mode?: number): Promise<void>;
  /** Writes to a temporary name beside `path`, syncs, and renames: the old file stays until the new one is whole. */
  writeAtomic(path: string, data: string | Uint8Array): Promise<void>;
  /** Copies content, sharing blocks where the file system can; never a hard link. */
  copy(from: string, to: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** A new private folder (mode 0700) whose name begins with `prefix`. */
  makeTempFolder(prefix: string): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  /** Sets the time of the last change of content. */
  setModified(path: string, modifiedNs: bigint): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  /** Removes a file or a whole folder, also one whose folders forbid it; no error when nothing is there. */
  remove(path: string): Promise<void>;
  space(path: string): Promise<SpaceFacts>;
}
