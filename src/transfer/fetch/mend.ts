import { type Digest, digestOf } from "../../store/digest.ts";
import type { OpenFile } from "../../world/files.ts";
import { tryChunk } from "./attempt.ts";
import { wrongBytes } from "./failure.ts";
import { type Fetching, fileOf } from "./fetching.ts";
import type { Job } from "./job.ts";
import type { Path } from "./path.ts";
import { doubtedChunks } from "./doubt.ts";
import { dropLiars } from "./liars.ts";
import { takeOver, withSpare } from "./spare.ts";
import { startVerifier, type Verifier } from "./verifier.ts";

// A blob that is whole and has the wrong digest. Somebody gave wrong bytes; without digests of its parts nobody
// can say who. So the chunks that did not come from one source are fetched again from that source and compared:
// what differs is taken from it. If the whole is right then, the others' differing chunks were wrong, and they
// are named. If it is not, the next source is tried in the same way. A single source is asked for everything
// once more, since bytes may also have been spoiled on the way. Where a source keeps digests of the parts, only
// the chunks of parts that differ are doubted.

export async function mend(fetching: Fetching, job: Job, signal: AbortSignal): Promise<Digest> {
  const { transfer } = fetching;
  const asked = [...job.ways.keys()].filter(({ down }) => down === null);
  const owners = new Set(Array.from({ length: job.count }, (_, index) => job.ownerOf(index) ?? ""));
  const doubted = await doubtedChunks(transfer, job, signal);
  for (const path of asked) {
    const differing = await takeAllFrom(fetching, job, path, doubted, asked.length === 1, signal);
    if (differing === null) continue;
    const verifier = await startVerifier(transfer.world, job, false, () => undefined);
    verifier.advance(job.prefixBytes());
    const actual = digestOf(await endOf(verifier, signal));
    transfer.emit("hashed", { blob: job.key, expected: job.digest, actual });
    if (actual === job.digest) {
      for (const [index, source] of differing) {
        transfer.tell({ kind: "repair", blob: job.key, chunk: index, source });
      }
      const others = [...differing.values()].filter((name) => name !== path.name);
      dropLiars(fetching, job, others);
      return actual;
    }
  }
  // The next run begins this blob anew, and this one keeps nothing of it.
  job.restart();
  await job.file?.truncate(0);
  transfer.journal.append({ kind: "blob", key: job.key, size: job.sizeBytes, chunk: job.chunkBytes });
  await transfer.journal.flush();
  for (const path of asked) owners.add(path.name);
  throw wrongBytes(
    job,
    [...owners].filter((name) => name !== ""),
  );
}

async function endOf(verifier: Verifier, signal: AbortSignal): Promise<string> {
  try {
    return await verifier.end(signal);
  } finally {
    await verifier.abandon();
  }
}

/** Has the doubted chunks come from one path. Says whose were other bytes, by chunk; null when the path fails. */
async function takeAllFrom(
  fetching: Fetching,
  job: Job,
  path: Path,
  doubted: readonly number[],
  alsoItsOwn: boolean,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, string> | null> {
  const differing = new Map<number, string>();
  for (const index of doubted) {
    const owner = job.ownerOf(index) ?? "";
    if (owner === path.name && !alsoItsOwn) continue;
    const differed = await fetchAndCompare(fetching, job, index, path, signal);
    if (differed === null) return null;
    if (differed) {
      differing.set(index, owner);
      fetching.transfer.journal.append({ kind: "bad", key: job.key, index, source: owner });
    }
    job.reown(index, path);
    fetching.transfer.journal.append({ kind: "chunk", key: job.key, index, source: path.name });
    fetching.syncer.add(job, job.rangeBytes(index));
    fetching.changes.notify();
  }
  return differing;
}

/** True when the path's bytes were others and were taken; null when it cannot give them. */
async function fetchAndCompare(
  fetching: Fetching,
  job: Job,
  index: number,
  path: Path,
  signal: AbortSignal,
): Promise<boolean | null> {
  // A body of its own size has no room beside it, and is known to be wrong.
  if (job.whole) return (await fetchInto(fetching, job, index, path, fileOf(job), signal)) ? true : null;
  return withSpare(fetching.transfer, `${job.key}-${index}`, async (file) =>
    (await fetchInto(fetching, job, index, path, file, signal)) ? takeOver(job, file, index) : null,
  );
}

async function fetchInto(
  fetching: Fetching,
  job: Job,
  index: number,
  path: Path,
  file: OpenFile,
  signal: AbortSignal,
): Promise<boolean> {
  const { region, transfer } = fetching;
  const chunk = job.chunkName(index);
  transfer.emit("repair", { chunk, path: path.name, why: "the whole has another digest" });
  for (let number = 1; ; number++) {
    await path.rested(signal);
    const source = job.ways.get(path);
    if (source === undefined || path.down !== null) return false;
    const id = `${transfer.label}mend ${chunk} ${path.name} ${number}`;
    const names = { attempt: id, chunk, path: path.name };
    const hold = transfer.obligations.reserve("chunk", chunk);
    transfer.emit("path_chosen", names);
    let ended = false;
    try {
      const target = { job, index, source, file };
      const task = region.spawn(`mend ${chunk}`, (stop, own) => tryChunk(fetching, path, target, stop, own), {
        contained: true,
      });
      const outcome = await task.result;
      ended = true;
      if (outcome.kind === "got") {
        transfer.emit("path_done", names);
        hold.commit();
        path.succeeded(null);
        return true;
      }
      const why = outcome.kind === "no-ranges" ? "no range support" : outcome.why;
      transfer.emit("path_failed", { ...names, why });
      if (outcome.kind !== "failed" || outcome.retry === "never") return false;
      path.failed(outcome);
    } finally {
      if (!ended) transfer.emit("path_failed", { ...names, why: "stopped" });
      if (hold.open()) hold.abort("not fetched");
    }
  }
}
