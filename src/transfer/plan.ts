import { type Digest, hexOf } from "../store/digest.ts";
import {
  LARGE_BLOB_BYTES,
  LARGE_CHUNK_BYTES,
  MAX_CHUNKS,
  MEDIUM_BLOB_BYTES,
  SMALL_CHUNK_BYTES,
} from "./limits.ts";

/** One blob that is to be fetched. */
export interface PlannedBlob {
  /** Name of its part file, and of the blob in journals and traces. */
  readonly key: string;
  /** Null where nobody tells: what arrives says what it is. */
  readonly digest: Digest | null;
  readonly sizeBytes: number | null;
  readonly title: string | null;
  readonly mediaType: string;
}

/** A blob's key: its digest, or that of what names its content where the digest is not known. */
export function keyOf(digest: Digest | null, identityHex: string): string {
  return digest === null ? `file-${identityHex}` : `sha256-${hexOf(digest)}`;
}

/** Chunks small enough that a killed transfer loses little, and large enough that requests do not cost more than bytes. */
export function chunkBytesFor(sizeBytes: number): number {
  if (sizeBytes >= LARGE_BLOB_BYTES) return Math.max(LARGE_CHUNK_BYTES, Math.ceil(sizeBytes / MAX_CHUNKS));
  return sizeBytes >= MEDIUM_BLOB_BYTES ? 2 * SMALL_CHUNK_BYTES : SMALL_CHUNK_BYTES;
}

/** How many chunks a blob of this size has; an empty one has none. */
export function chunkCount(sizeBytes: number, chunkBytes: number): number {
  return Math.ceil(sizeBytes / chunkBytes);
}

/** Where a chunk lies in its blob. */
export function chunkRange(
  index: number,
  sizeBytes: number,
  chunkBytes: number,
): { readonly offsetBytes: number; readonly sizeBytes: number } {
  const offsetBytes = index * chunkBytes;
  return { offsetBytes, sizeBytes: Math.min(chunkBytes, sizeBytes - offsetBytes) };
}
