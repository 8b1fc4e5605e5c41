/** The content address of a blob: SHA-256, lower-case hex. */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const BLOB_NAME = /^sha256-([0-9a-f]{64})$/;

export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && DIGEST.test(text);
}

export function digestOf(hex: string): Digest {
  return `sha256:${hex}`;
}

export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}

/** The digest that a file of `blobs/` is named after; null for any other name. */
export function digestOfBlobName(name: string): Digest | null {
  const hex = BLOB_NAME.exec(name)?.[1];
  return hex === undefined ? null : digestOf(hex);
}
