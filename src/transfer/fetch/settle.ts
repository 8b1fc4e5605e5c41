import { asAprError } from "../../base/errors.ts";
import type { Digest } from "../../store/digest.ts";
import { digestOf } from "../../store/digest.ts";
import { MAX_STRIKES } from "../limits.ts";
import { Cancelled } from "../region.ts";
import { wrongBytes } from "./failure.ts";
import { type Fetching, hasWay, requireWay } from "./fetching.ts";
import type { Job } from "./job.ts";
import { dropLiars } from "./liars.ts";
import { mend } from "./mend.ts";
import { startVerifier } from "./verifier.ts";

const NOT_NEEDED = new Cancelled("not needed");

/** Waits until a blob is whole and has the right digest; wrong chunks are fetched again. */
export async function settleJob(fetching: Fetching, job: Job, signal: AbortSignal): Promise<Digest> {
  const { transfer } = fetching;
  let useParts = true;
  for (;;) {
    const outcome = await hashAsItComes(fetching, job, useParts, signal);
    if (outcome.kind === "again") continue;
    if (outcome.kind === "parts-doubted") {
      useParts = false;
      continue;
    }
    const actual = digestOf(outcome.hex);
    transfer.emit("hashed", { blob: job.key, expected: job.digest, actual });
    if (job.digest === null || actual === job.digest) {
      dropLiars(fetching, job, outcome.suspects);
      return actual;
    }
    return mendOrForget(fetching, job, signal);
  }
}

/** Of a blob that cannot be mended nothing is worth being kept. */
async function mendOrForget(fetching: Fetching, job: Job, signal: AbortSignal): Promise<Digest> {
  try {
    return await mend(fetching, job, signal);
  } catch (error) {
    if (asAprError(error).fields["code"] === "wrong-bytes") job.restart();
    throw error;
  }
}

type Outcome =
  | { readonly kind: "hashed"; readonly hex: string; readonly suspects: readonly string[] }
  /** The blob started again. */
  | { readonly kind: "again" }
  /** Two sources agree on other bytes than the list of digests says. */
  | { readonly kind: "parts-doubted" };

/** What is known of parts that were bad. */
class BadParts {
  readonly #parts = new Map<
    number,
    /** What it was last, from whom, and how often each source has given it wrongly. */
    { readonly hex: string; readonly owner: string; readonly strikes: ReadonlyMap<string, number> }
  >();

  /** `doubted`: another source gave the same bytes. `enough`: this one has had its chances. */
  take(index: number, hex: string, owner: string): "again" | "doubted" | "enough" {
    const before = this.#parts.get(index);
    const count = (before?.strikes.get(owner) ?? 0) + 1;
    this.#parts.set(index, { hex, owner, strikes: new Map(before?.strikes).set(owner, count) });
    if (before !== undefined && before.hex === hex && before.owner !== owner) return "doubted";
    return count >= MAX_STRIKES ? "enough" : "again";
  }

  /** Who gave one of them; of all, or of one. */
  owners(index?: number): string[] {
    const parts = index === undefined ? [...this.#parts.values()] : [this.#parts.get(index)];
    return parts.flatMap((part) => [...(part?.strikes.keys() ?? [])]);
  }
}

/** Waits for something to become true. Throws when a chunk is missing that nobody is left to ask for. */
async function until(
  { changes }: Fetching,
  job: Job,
  isSo: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  while (!isSo()) {
    requireWay(job);
    await changes.wait(signal, () => isSo() || !hasWay(job));
  }
}

async function hashAsItComes(
  fetching: Fetching,
  job: Job,
  useParts: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const { changes, transfer } = fetching;
  const { generation } = job;
  const bad = new BadParts();
  let waitsFor: number | null = null;
  let doubted = false;
  let failure: { readonly error: unknown } | null = null;
  let hex: string | null = null;
  const verifier = await startVerifier(transfer.world, job, useParts, (index, found) => {
    if (isBroken()) return;
    const owner = job.ownerOf(index) ?? "";
    const verdict = bad.take(index, found, owner);
    if (verdict === "doubted") doubted = true;
    else if (verdict === "enough") failure = { error: wrongBytes(job, bad.owners(index)) };
    else {
      waitsFor = index;
      fetchAgain(fetching, job, index, owner);
    }
    changes.notify();
  });
  job.listen((index) => {
    verifier.advance(job.prefixBytes());
    if (waitsFor !== index) return;
    waitsFor = null;
    verifier.again();
  });
  const stop = new AbortController();
  let hashing: Promise<void> = Promise.resolve();
  const isBroken = (): boolean => doubted || failure !== null || job.generation !== generation;
  try {
    verifier.advance(job.prefixBytes());
    await until(fetching, job, () => job.full || isBroken(), signal);
    if (!isBroken()) {
      hashing = verifier.end(stop.signal).then(
        (done) => {
          hex = done;
          changes.notify();
        },
        (error: unknown) => {
          failure ??= { error };
          changes.notify();
        },
      );
    }
    await until(fetching, job, () => hex !== null || isBroken(), signal);
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
    if (hex !== null) return { kind: "hashed", hex, suspects: bad.owners() };
    return doubted ? { kind: "parts-doubted" } : { kind: "again" };
  } finally {
    job.listen(null);
    // Nobody reads the file any more when this is over: it may be closed then.
    stop.abort(NOT_NEEDED);
    await verifier.abandon();
    await hashing;
  }
}

function fetchAgain({ transfer }: Fetching, job: Job, index: number, owner: string): void {
  transfer.emit("repair", {
    chunk: job.chunkName(index),
    path: owner,
    why: "other bytes than its digest says",
  });
  transfer.journal.append({ kind: "bad", key: job.key, index, source: owner });
  transfer.tell({ kind: "repair", blob: job.key, chunk: index, source: owner });
  job.spoiled(index);
}
