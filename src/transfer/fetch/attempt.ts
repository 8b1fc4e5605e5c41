import type { OpenFile } from "../../world/files.ts";
import { NetError } from "../../world/net.ts";
import type { BlobSource, ChunkOutcome, SourceFailure } from "../source.ts";
import { chunkRange } from "../plan.ts";
import type { Fetching } from "./fetching.ts";
import type { Job } from "./job.ts";
import type { Path } from "./path.ts";
import { Stalled, type Watched } from "./stalls.ts";

/** Which chunk to fetch, and where it goes. */
export interface AttemptTarget {
  readonly job: Job;
  readonly index: number;
  readonly source: BlobSource;
  readonly file: OpenFile;
}

/** One try that is under way. */
export interface Attempt {
  /** Settles when nothing is written any more. Its error is one for `attemptFailure`. */
  readonly coming: Promise<ChunkOutcome>;
  /** To be left when that has settled. */
  readonly watched: Watched;
}

/** Begins to fetch one chunk by one path into a file, at its own offset. */
export function beginAttempt(
  { stalls, transfer }: Pick<Fetching, "stalls" | "transfer">,
  path: Path,
  target: AttemptTarget,
  signal: AbortSignal,
  own: AbortController,
): Attempt {
  const watched = stalls.watch(own);
  const onBytes = (bytes: number): void => {
    watched.bytes += bytes;
    path.receivedBytes += bytes;
    transfer.tell({ kind: "bytes", source: path.name, bytes });
  };
  const coming = target.job.whole ? wholeOf(target, signal, onBytes) : chunkOf(target, signal, onBytes);
  return { coming, watched };
}

/** What an attempt's error says of its path; null for one that says nothing of it. */
export function attemptFailure(error: unknown): SourceFailure | null {
  if (error instanceof Stalled) return tooSlow();
  return error instanceof NetError ? netFailure(error) : null;
}

/** One try, to its end. Nothing is written any more once this has settled. */
export function tryChunk(
  fetching: Pick<Fetching, "stalls" | "transfer">,
  path: Path,
  target: AttemptTarget,
  signal: AbortSignal,
  own: AbortController,
): Promise<ChunkOutcome> {
  const { coming, watched } = beginAttempt(fetching, path, target, signal, own);
  return coming.then(
    (outcome) => {
      fetching.stalls.leave(watched);
      return outcome;
    },
    (error: unknown) => {
      fetching.stalls.leave(watched);
      const failure = attemptFailure(error);
      if (failure === null) throw error;
      return failure;
    },
  );
}

function chunkOf(
  { file, index, job, source }: AttemptTarget,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<ChunkOutcome> {
  const { offsetBytes, sizeBytes } = chunkRange(index, job.sizeBytes ?? 0, job.chunkBytes);
  return source.chunk({ file, offsetBytes, sizeBytes, signal, onBytes });
}

async function wholeOf(
  { file, job, source }: AttemptTarget,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<ChunkOutcome> {
  const maxBytes = job.sizeBytes ?? job.chunkBytes;
  const outcome = await source.whole({ file, maxBytes, signal, onBytes });
  if (outcome.kind !== "got") return outcome;
  if (job.sizeBytes !== null && outcome.sizeBytes !== job.sizeBytes) {
    return wrongSize(outcome.sizeBytes, job.sizeBytes);
  }
  // An attempt that failed before may have written more.
  if (job.sizeBytes === null) await file.truncate(outcome.sizeBytes);
  job.learnSize(outcome.sizeBytes);
  return { kind: "got" };
}

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
