import { reserveOrRefuse } from "../store/room.ts";
import type { OpenFile } from "../world/files.ts";
import type { PartDigests } from "../world/hash.ts";
import { type AskParts, Job } from "./fetch/job.ts";
import type { Path } from "./fetch/path.ts";
import type { JournaledBlob } from "./journal/replay.ts";
import { LARGE_CHUNK_BYTES, SMALL_CHUNK_BYTES } from "./limits.ts";
import { chunkCount, chunkRange, type PlannedBlob } from "./plan.ts";
import type { Remote } from "./remote.ts";
import type { Transfer } from "./transfer.ts";

const PRIVATE_MODE = 0o600;
/** Shorter blobs are one chunk: there is no part of them to mend. */
const MIN_PARTED_BYTES: number = SMALL_CHUNK_BYTES + 1;
/** A follower holds one part in its hands; `apr serve` goes beyond this only for blobs of 256 GiB. */
const MAX_PART_BYTES: number = 4 * LARGE_CHUNK_BYTES;

/** One blob ready to be fetched: its part file is there and has its room. What an earlier run brought is kept. */
export async function prepareJob(
  transfer: Transfer,
  plan: PlannedBlob,
  paths: ReadonlyMap<Path, Remote>,
  journaled: JournaledBlob | null,
  signal: AbortSignal,
): Promise<Job> {
  const partPath = `${transfer.folder}/${plan.key}`;
  const kept = await openPart(transfer, plan, partPath, journaled);
  const parts = await partsOf(plan, paths, kept?.chunkBytes ?? null, signal);
  const askParts = (stop: AbortSignal): ReturnType<AskParts> => partsOf(plan, paths, null, stop);
  const job = new Job(plan, partPath, parts === "later" ? null : parts, kept, askParts);
  await findWays(job, paths, signal);
  job.temp = transfer.obligations.reserve("temp", plan.key);
  for (const [path, source] of job.ways) {
    const version = kept?.validators.get(path.name);
    if (version === undefined) continue;
    source.expect(version);
    job.versions.set(path, version);
  }
  if (kept === null) {
    const record = { kind: "blob", key: plan.key, size: job.sizeBytes, chunk: job.chunkBytes } as const;
    transfer.journal.append(record);
  }
  return job;
}

/** What the journal says of it, if the part file is still as it says. */
async function openPart(
  { journal, store, world }: Transfer,
  plan: PlannedBlob,
  partPath: string,
  journaled: JournaledBlob | null,
): Promise<JournaledBlob | null> {
  const facts = await world.files.facts(partPath);
  const sound =
    journaled !== null &&
    // Without a chunk there is nothing to keep, and its chunks may be of another size now.
    journaled.have.size > 0 &&
    facts?.kind === "file" &&
    plan.sizeBytes !== null &&
    journaled.sizeBytes === plan.sizeBytes &&
    journaled.chunkBytes <= Math.max(MAX_PART_BYTES, plan.sizeBytes) &&
    [...journaled.have.keys()].every(
      (index) => index < chunkCount(plan.sizeBytes ?? 0, journaled.chunkBytes),
    );
  // A new file has none of the chunks that the journal speaks of. They are forgotten first, or a run after one that is
  // killed here would take the new file's zeros for them.
  if (journaled !== null && journaled.have.size > 0 && !sound) {
    journal.append({ kind: "blob", key: plan.key, size: plan.sizeBytes, chunk: journaled.chunkBytes });
    await journal.sync();
  }
  if (facts !== null && !sound) await world.files.remove(partPath);
  const exists = facts !== null && sound;
  const file = exists
    ? await world.files.openUpdate(partPath)
    : await world.files.createNew(partPath, PRIVATE_MODE);
  try {
    if (plan.sizeBytes !== null) await reserveOrRefuse(store, file, partPath, plan.sizeBytes);
    if (exists && journaled !== null) await rewriteUnsynced(file, journaled);
  } finally {
    await file.close();
  }
  return exists ? journaled : null;
}

/**
 * Their run may have been killed as a sync of them failed. The system shows them all the same, and the next sync would
 * say yes without them: so they are written again.
 */
async function rewriteUnsynced(file: OpenFile, journaled: JournaledBlob): Promise<void> {
  for (const index of journaled.unsynced) {
    const { offsetBytes, sizeBytes } = chunkRange(index, journaled.sizeBytes ?? 0, journaled.chunkBytes);
    await file.rewrite(offsetBytes, sizeBytes);
  }
}

/** The first list of part digests that fits. Whoever has none, or cannot be asked, says nothing. */
async function partsOf(
  { digest, sizeBytes }: PlannedBlob,
  paths: ReadonlyMap<Path, Remote>,
  chunkBytes: number | null,
  signal: AbortSignal,
): Promise<PartDigests | "later" | null> {
  if (digest === null || sizeBytes === null || sizeBytes < MIN_PARTED_BYTES) return null;
  let later = false;
  for (const remote of paths.values()) {
    const parts = (await remote.parts?.(digest, signal).catch(() => null)) ?? null;
    signal.throwIfAborted();
    if (parts === "later") later = true;
    else if (parts !== null && fits(parts, sizeBytes, chunkBytes)) return parts;
  }
  return later ? "later" : null;
}

function fits({ hex, partBytes }: PartDigests, sizeBytes: number, chunkBytes: number | null): boolean {
  return (
    partBytes > 0 &&
    partBytes <= MAX_PART_BYTES &&
    hex.length === chunkCount(sizeBytes, partBytes) &&
    (chunkBytes === null || chunkBytes === partBytes)
  );
}

async function findWays(job: Job, paths: ReadonlyMap<Path, Remote>, signal: AbortSignal): Promise<void> {
  const { digest, sizeBytes, title } = job.plan;
  for (const [path, remote] of paths) {
    try {
      const source = await remote.blob({ digest, sizeBytes, title }, signal);
      if (source === null) continue;
      job.ways.set(path, source);
      job.tried.add(path);
    } catch (error) {
      signal.throwIfAborted();
      job.unasked.push({ name: path.name, why: error instanceof Error ? error.message : String(error) });
    }
  }
}
