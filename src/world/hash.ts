/** A running SHA-256. */
export interface Hasher {
  update(data: Uint8Array | string): void;
  /** Lower-case hex; the hasher is finished afterwards. */
  hex(): string;
}

export interface Hash {
  sha256(): Hasher;
}
