import type { Digest } from "../../store/digest.ts";
import { OPEN_BLOBS } from "../limits.ts";
import { Region } from "../region.ts";
import type { Transfer } from "../transfer.ts";
import { Chunks } from "./chunks.ts";
import { type Fetching, requireWay } from "./fetching.ts";
import type { Job } from "./job.ts";
import { Notifier } from "./notifier.ts";
import type { Path } from "./path.ts";
import { settleJob } from "./settle.ts";
import { Stalls } from "./stalls.ts";
import { Syncer } from "./syncer.ts";

// How blobs are fetched. One region holds all of it:
//
//   lanes     each takes one blob after the other: opens it, waits until it is whole, has it verified and mended
//   workers   a few for each path; each takes one missing chunk after the other from the blobs that are open
//   syncer    puts what came on the medium
//
// They wake each other through one notifier. Whatever fails ends all of them.

/** Fetches and verifies every blob; gives the digest of each by its key. The part files are on the medium then. */
export async function fetchAll(
  transfer: Transfer,
  jobs: readonly Job[],
  paths: readonly Path[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Digest>> {
  const digests = new Map<string, Digest>();
  if (jobs.length === 0) return digests;
  const region = new Region(transfer.emit, `${transfer.label}fetch`, signal);
  const changes = new Notifier();
  const syncer = new Syncer(transfer, changes, jobs);
  const stalls = new Stalls(transfer.world, transfer.options.stallMs);
  const queue = [...jobs];
  const open = new Set<Job>();
  let lanes = Math.min(OPEN_BLOBS, queue.length);
  const fetching: Fetching = {
    transfer,
    region,
    changes,
    syncer,
    stalls,
    paths,
    open,
    isOver: () => lanes === 0,
    requireWays: () => {
      for (const job of [...open, ...queue]) requireWay(job);
    },
    isLastWay: (path, but) =>
      [...open, ...queue].some(
        (job) => job !== but && !job.full && job.ways.has(path) && !job.hasOtherWay(path),
      ),
  };
  region.spawn("sync", (stop) => syncer.run(stop));
  const lane = async (stop: AbortSignal): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      digests.set(job.key, await fetchOne(fetching, job, stop));
    }
    lanes -= 1;
    if (lanes > 0) return;
    syncer.finish();
  };
  for (let number = 0; number < Math.min(OPEN_BLOBS, jobs.length); number++) region.spawn("lane", lane);
  const chunks = new Chunks(fetching);
  for (const path of paths) {
    for (let number = 0; number < path.workers; number++) {
      region.spawn(`worker ${path.name}`, (stop) => chunks.work(path, stop));
    }
  }
  try {
    await region.close();
  } finally {
    await stalls.close();
    // What came stays for the next run, however this one ends.
    await syncer.sync().catch(() => undefined);
    for (const job of jobs) await closeJob(job);
  }
  return digests;
}

async function fetchOne(fetching: Fetching, job: Job, signal: AbortSignal): Promise<Digest> {
  const { files } = fetching.transfer.world;
  job.file = await files.openUpdate(job.partPath);
  fetching.open.add(job);
  fetching.changes.notify();
  const digest = await settleJob(fetching, job, signal);
  fetching.open.delete(job);
  // A source that was given up meanwhile may have been another blob's last.
  fetching.changes.notify();
  await fetching.syncer.sync();
  await closeJob(job);
  fetching.transfer.tell({ kind: "verified", blob: job.key, bytes: job.sizeBytes ?? 0 });
  return digest;
}

async function closeJob(job: Job): Promise<void> {
  const { file } = job;
  job.file = null;
  await file?.close();
}
