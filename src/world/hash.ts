/** A running SHA-256. */
export interface Hasher {
  update(data: Uint8Array | string): void;
  /** Lower-case hex; the hasher is finished afterwards. */
  hex(): string;
}

export interface Hash {
  sha256(): Hasher;
  /** The digest of a whole file, computed beside this thread. Links are not followed. */
  file(path: string, options?: HashFileOptions): Promise<HashedFile>;
  /** Begins to hash a file beside this thread while it is still being written. */
  follow(path: string, options?: FollowOptions): Promise<Follower>;
}

export interface FollowOptions {
  /** Compares each part of the file with its digest before it goes into the whole file's. */
  readonly parts?: PartDigests;
  /** A part has other bytes: the follower waits there until `again` is called. */
  readonly onBadPart?: (index: number, hex: string) => void;
}

/** SHA-256 of consecutive parts of a file, all of one size but the last. */
export interface PartDigests {
  readonly partBytes: number;
  /** Lower-case hex. */
  readonly hex: readonly string[];
}

/** Hashes the beginning of a file, as far as it is told that it is written. */
export interface Follower {
  /** The first `bytes` of the file are there now. */
  advance(bytes: number): void;
  /** The part that was bad has been written anew: it is read and compared again. */
  again(): void;
  /** Nothing more comes: the digest of all that was announced. */
  end(): Promise<HashedFile>;
  /** Stops; no digest comes. Harmless after `end`. */
  abandon(): Promise<void>;
}

export interface HashFileOptions {
  /** Called now and then with the bytes that were read since the last call. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface HashedFile {
  /** Lower-case hex. */
  readonly hex: string;
  readonly sizeBytes: number;
}
