import type { OpenFile } from "../../world/files.ts";
import { NetError } from "../../world/net.ts";
import { MIN_PROGRESS_BYTES } from "../limits.ts";
import type { BlobSource, ChunkOutcome, SourceFailure } from "../source.ts";
import type { Transfer } from "../transfer.ts";
import { chunkRange } from "../plan.ts";
import type { Job } from "./job.ts";
import type { Path } from "./path.ts";

/** One try to fetch one chunk by one path. */
export interface Attempt {
  readonly id: string;
  readonly chunk: string;
  readonly path: Path;
}

export interface AttemptTarget {
  readonly job: Job;
  readonly index: number;
  readonly source: BlobSource;
  readonly file: OpenFile;
}

/** Without a reason of its own each abort makes an error with a stack. */
const OVER = "over";

/** Fetches one chunk into a file, at its own offset. Nothing is written any more once this has settled. */
export async function tryChunk(
  transfer: Transfer,
  attempt: Attempt,
  { job, index, source, file }: AttemptTarget,
  signal: AbortSignal,
): Promise<ChunkOutcome> {
  const watch = new AbortController();
  const stop = new AbortController();
  const relay = (): void => stop.abort(signal.reason);
  signal.addEventListener("abort", relay);
  if (signal.aborted) relay();
  let sinceLook = 0;
  const onBytes = (bytes: number): void => {
    sinceLook += bytes;
    attempt.path.receivedBytes += bytes;
    transfer.tell({ kind: "bytes", source: attempt.path.name, bytes });
  };
  const stalled = watchProgress(transfer, watch.signal, () => {
    const enough = sinceLook >= MIN_PROGRESS_BYTES;
    sinceLook = 0;
    if (!enough) stop.abort(new Stalled());
    return enough;
  });
  try {
    if (job.whole) {
      const maxBytes = job.sizeBytes ?? job.chunkBytes;
      const outcome = await source.whole({ file, maxBytes, signal: stop.signal, onBytes });
      if (outcome.kind !== "got") return outcome;
      if (job.sizeBytes !== null && outcome.sizeBytes !== job.sizeBytes) {
        return wrongSize(outcome.sizeBytes, job.sizeBytes);
      }
      // An attempt that failed before may have written more.
      if (job.sizeBytes === null) await file.truncate(outcome.sizeBytes);
      job.learnSize(outcome.sizeBytes);
      return { kind: "got" };
    }
    const range = chunkRange(index, job.sizeBytes ?? 0, job.chunkBytes);
    return await source.chunk({ file, ...range, signal: stop.signal, onBytes });
  } catch (error) {
    if (error instanceof Stalled) return tooSlow();
    if (error instanceof NetError) return netFailure(error);
    throw error;
  } finally {
    watch.abort(OVER);
    signal.removeEventListener("abort", relay);
    await stalled;
  }
}

class Stalled extends Error {}

function tooSlow(): SourceFailure {
  return { kind: "failed", code: "timeout", why: "came on too slowly", retry: "soon", afterMs: null };
}

function wrongSize(cameBytes: number, wantedBytes: number): SourceFailure {
  const why = `sent ${cameBytes} of ${wantedBytes} bytes`;
  return { kind: "failed", code: "cut", why, retry: "soon", afterMs: null };
}

/** A source should have said this itself. */
function netFailure({ failure, message }: NetError): SourceFailure {
  const retry = failure === "tls" ? "never" : "soon";
  return { kind: "failed", code: failure, why: message, retry, afterMs: null };
}

/** Asks `look` once in each time span, until it says no or is told to stop. */
async function watchProgress(transfer: Transfer, over: AbortSignal, look: () => boolean): Promise<void> {
  const { stallMs } = transfer.options;
  do {
    await transfer.world.timers.sleep(stallMs, over);
  } while (!over.aborted && look());
}
