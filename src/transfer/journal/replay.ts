import type { Hash } from "../../world/hash.ts";
import { chunkRange } from "../plan.ts";
import { decodeRecord, type JournalRecord, NO_RECORD } from "./record.ts";

/** What a journal says of one blob. */
export interface JournaledBlob {
  readonly sizeBytes: number | null;
  readonly chunkBytes: number;
  /** Source of each chunk that is there. */
  readonly have: ReadonlyMap<number, string>;
  /** Those of them that no sync is known to have covered: they are in the system's memory, in this start of the machine. */
  readonly unsynced: readonly number[];
  /** Version of each source that chunks came from. */
  readonly validators: ReadonlyMap<string, string>;
}

export interface Replayed {
  readonly begin: (JournalRecord & { readonly kind: "begin" }) | null;
  readonly blobs: ReadonlyMap<string, JournaledBlob>;
  /** Number and digest of the last sound record. */
  readonly last: { readonly n: number; readonly hash: string };
  /** Bytes of the sound records; the rest was torn. */
  readonly soundBytes: number;
}

interface Building {
  readonly sizeBytes: number | null;
  readonly chunkBytes: number;
  readonly have: Map<number, { readonly source: string; readonly n: number; readonly boot: string }>;
  readonly validators: Map<string, string>;
}

/** Bytes that a blob's part file holds; 0 where its size is not known. */
export function journaledBytes({ sizeBytes, chunkBytes, have }: JournaledBlob): number {
  if (sizeBytes === null) return 0;
  let sum = 0;
  for (const index of have.keys()) sum += Math.max(0, chunkRange(index, sizeBytes, chunkBytes).sizeBytes);
  return sum;
}

/** Reads a journal. Total: what is damaged ends it. Chunks count when they were synced, or in this start of the machine. */
export function replayJournal(hash: Hash, bytes: Uint8Array, bootId: string): Replayed {
  const blobs = new Map<string, Building>();
  let begin: Replayed["begin"] = null;
  let last = { n: 0, hash: NO_RECORD };
  let [boot, synced, at] = ["", 0, 0];
  for (;;) {
    const end = bytes.indexOf(0x0a, at);
    if (end === -1) break;
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString("utf8");
    const decoded = decodeRecord(hash, line, last.n + 1, last.hash);
    if (decoded === null) break;
    const { record } = decoded;
    last = { n: last.n + 1, hash: decoded.hash };
    at = end + 1;
    if (record.kind === "begin") begin = record;
    else if (record.kind === "session") {
      // Whoever wrote this had forgotten them: a sync from now on speaks of their numbers, and not of their bytes.
      if (record.boot === "" || record.boot !== boot) forgetUnsynced(blobs, synced);
      boot = record.boot;
    } else if (record.kind === "sync") synced = Math.min(record.upto, last.n);
    else if (record.kind === "lost") forgetUnsynced(blobs, synced);
    else applyToBlob(blobs, record, last.n, boot);
  }
  const counts = ({ n, boot: own }: { readonly n: number; readonly boot: string }): boolean =>
    n <= synced || (own !== "" && own === bootId);
  const found = [...blobs].map(([key, blob]): [string, JournaledBlob] => [
    key,
    {
      sizeBytes: blob.sizeBytes,
      chunkBytes: blob.chunkBytes,
      validators: blob.validators,
      have: new Map(
        [...blob.have].flatMap(([index, chunk]) => (counts(chunk) ? [[index, chunk.source]] : [])),
      ),
      unsynced: [...blob.have]
        .filter(([, chunk]) => chunk.n > synced && counts(chunk))
        .map(([index]) => index),
    },
  ]);
  return { begin, blobs: new Map(found), last, soundBytes: at };
}

function forgetUnsynced(blobs: ReadonlyMap<string, Building>, synced: number): void {
  for (const { have } of blobs.values()) {
    for (const [index, { n }] of have) if (n > synced) have.delete(index);
  }
}

type BlobRecord = Extract<JournalRecord, { readonly key: string }>;

function applyToBlob(blobs: Map<string, Building>, record: BlobRecord, n: number, boot: string): void {
  if (record.kind === "blob") {
    const { size, chunk } = record;
    blobs.set(record.key, { sizeBytes: size, chunkBytes: chunk, have: new Map(), validators: new Map() });
    return;
  }
  const blob = blobs.get(record.key);
  if (blob === undefined) return;
  if (record.kind === "source") blob.validators.set(record.source, record.validator);
  else if (record.kind === "chunk") blob.have.set(record.index, { source: record.source, n, boot });
  else blob.have.delete(record.index);
}
