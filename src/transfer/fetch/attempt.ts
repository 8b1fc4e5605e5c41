import type { OpenFile } from "../../world/files.ts";
import { NetError } from "../../world/net.ts";
import type { BlobSource, ChunkOutcome, SourceFailure } from "../source.ts";
import { chunkRange } from "../plan.ts";
import type { Fetching } from "./fetching.ts";
import type { Job } from "./job.ts";
import type { Path } from "./path.ts";
import { Stalled } from "./stalls.ts";

/** Which chunk to fetch, and where it goes. */
export interface AttemptTarget {
  readonly job: Job;
  readonly index: number;
  readonly source: BlobSource;
  readonly file: OpenFile;
}

/** One try to fetch one chunk by one path into a file, at its own offset. Nothing is written any more once this has settled. */
export function tryChunk(
  { stalls, transfer }: Pick<Fetching, "stalls" | "transfer">,
  path: Path,
  target: AttemptTarget,
  signal: AbortSignal,
  own: AbortController,
): Promise<ChunkOutcome> {
  const watched = stalls.watch(own);
  const onBytes = (bytes: number): void => {
    watched.bytes += bytes;
    path.receivedBytes += bytes;
    transfer.tell({ kind: "bytes", source: path.name, bytes });
  };
  const coming = target.job.whole ? wholeOf(target, signal, onBytes) : chunkOf(target, signal, onBytes);
  return coming.then(
    (outcome) => {
      stalls.leave(watched);
      return outcome;
    },
    (error: unknown) => {
      stalls.leave(watched);
      if (error instanceof Stalled) return tooSlow();
      if (error instanceof NetError) return netFailure(error);
      throw error;
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
