export type FileKind = "file" | "folder" | "link" | "other";

/** What `lstat` says of a path. Times are exact nanoseconds. */
export interface FileFacts {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** Permission bits only, such as 0o644. */
  readonly mode: number;
  readonly device: bigint;
  readonly inode: bigint;
  readonly links: number;
  /** What it takes on the disk: less than its size where it has holes. */
  readonly allocatedBytes: number;
  readonly uid: number;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

export interface SpaceFacts {
  readonly freeBytes: number;
  readonly freeInodes: number;
}

/** One name in a folder, with what the folder itself says of it. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/** What a read of a small regular file found. Links are never followed and nothing is waited for. */
export type SmallRead =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly facts: FileFacts }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly why: "link" | "too-large" | "not-a-file" };

/** `absent` when the source or the folder of the new name is not there; `unsupported` across file systems. */
export type LinkOutcome = "linked" | "exists" | "absent" | "unsupported";

export interface CopyFromOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called often with all the bytes that were copied so far. */
  readonly onCopied: (totalBytes: number) => void;
}

/** An open regular file. Every offset counts from the file's start. */
export interface OpenFile {
  facts(): Promise<FileFacts>;
  /** Fills `buffer` as far as it can; returns the bytes that came, fewer only at the end. */
  readAt(buffer: Uint8Array, offsetBytes: number): Promise<number>;
  /** Writes all of `data`. */
  writeAt(data: Uint8Array, offsetBytes: number): Promise<void>;
  /** Copies all of `from` into this file, both from their start; returns the bytes. The disk is set to work early. */
  copyFrom(from: OpenFile, options: CopyFromOptions): Promise<number>;
  /** Makes a range of it the same as that of `from`; true when it was not. Throws RangeError when `from` is too short. */
  takeRange(from: OpenFile, offsetBytes: number, sizeBytes: number): Promise<boolean>;
  /**
   * Writes a range anew as it reads, up to the file's end: the next sync then speaks of it, also where one of another
   * process failed and nobody was left to hear of it. The system keeps such pages, and takes them for written.
   */
  rewrite(offsetBytes: number, sizeBytes: number): Promise<void>;
  /** Takes room on the disk, so that later writes cannot find it full. False where that cannot be done. */
  reserve(sizeBytes: number): Promise<boolean>;
  setMode(mode: number): Promise<void>;
  /** Cuts it short, or makes it longer with zeros. */
  truncate(sizeBytes: number): Promise<void>;
  /** Resolves when content and size are on the medium. */
  sync(): Promise<void>;
  close(): Promise<void>;
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

  // What a store that must survive a crash asks for besides.

  /** Opens for reading; a link at the last step is refused (ELOOP), a FIFO is not waited for. */
  openRead(path: string): Promise<OpenFile>;
  /** Opens a file that is there for reading and writing; a link at the last step is refused (ELOOP). */
  openUpdate(path: string): Promise<OpenFile>;
  /** Makes a file that was not there; EEXIST when anything is. */
  createNew(path: string, mode: number): Promise<OpenFile>;
  readSmall(path: string, maxBytes: number): Promise<SmallRead>;
  /** Names in no order; null when there is no folder. Throws RangeError beyond `maxEntries`. */
  entries(path: string, maxEntries: number): Promise<FolderEntry[] | null>;
  /** One folder in one that is there; false when its name is taken. */
  makeOneFolder(path: string): Promise<boolean>;
  /** False when it is not empty or not there. */
  removeEmptyFolder(path: string): Promise<boolean>;
  /** False when nothing was there. */
  unlink(path: string): Promise<boolean>;
  /** Renames over whatever has the new name; false when the old name is not there. */
  move(from: string, to: string): Promise<boolean>;
  link(from: string, to: string): Promise<LinkOutcome>;
  /** Shares the blocks of a file under a new name; false where the file system cannot. */
  reflink(from: string, to: string): Promise<boolean>;
  /** Resolves when the names in a folder are on the medium. */
  syncFolder(path: string): Promise<void>;
}
