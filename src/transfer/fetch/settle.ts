import type { Digest } from "../../store/digest.ts";
import { digestOf } from "../../store/digest.ts";
import { MAX_STRIKES } from "../limits.ts";
import { wrongBytes } from "./failure.ts";
import type { Fetching } from "./fetcher.ts";
import type { Job } from "./job.ts";
import { mend } from "./mend.ts";
import { startVerifier } from "./verifier.ts";

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
    return mend(fetching, job, signal);
  }
}

type Outcome =
  | { readonly kind: "hashed"; readonly hex: string; readonly suspects: readonly string[] }
  /** The blob started again. */
  | { readonly kind: "again" }
  /** Two sources agree on other bytes than the list of digests says. */
  | { readonly kind: "parts-doubted" };

interface BadPart {
  readonly hex: string;
  readonly owner: string;
  readonly strikes: number;
}

async function hashAsItComes(
  fetching: Fetching,
  job: Job,
  useParts: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const { changes, transfer } = fetching;
  const { generation } = job;
  const bad = new Map<number, BadPart>();
  let waitsFor: number | null = null;
  let doubted = false;
  let failure: { readonly error: unknown } | null = null;
  let hex: string | null = null;
  const verifier = await startVerifier(transfer.world, job, useParts, (index, found) => {
    const owner = job.ownerOf(index) ?? "";
    const before = bad.get(index);
    const strikes = (before?.strikes ?? 0) + 1;
    bad.set(index, { hex: found, owner, strikes });
    if (before !== undefined && before.hex === found && before.owner !== owner) doubted = true;
    else if (strikes >= MAX_STRIKES) failure = { error: wrongBytes(job, [owner]) };
    else {
      waitsFor = index;
      fetchAgain(fetching, job, index, owner);
    }
    changes.notify();
  });
  job.onReceived = (index) => {
    verifier.advance(job.prefixBytes());
    if (waitsFor !== index) return;
    waitsFor = null;
    verifier.again();
  };
  const isBroken = (): boolean => doubted || failure !== null || job.generation !== generation;
  try {
    verifier.advance(job.prefixBytes());
    while (!job.full && !isBroken()) await changes.wait(signal);
    if (!isBroken()) {
      verifier.end(signal).then(
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
    while (hex === null && !isBroken()) await changes.wait(signal);
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
    if (hex !== null) return { kind: "hashed", hex, suspects: [...bad.values()].map(({ owner }) => owner) };
    return doubted ? { kind: "parts-doubted" } : { kind: "again" };
  } finally {
    job.onReceived = () => undefined;
    await verifier.abandon();
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

/** The whole has the right digest: whoever gave other bytes for a part of it is not asked again. */
export function dropLiars({ paths, transfer }: Fetching, job: Job, owners: readonly string[]): void {
  for (const name of new Set(owners)) {
    const path = paths.find((each) => each.name === name);
    if (path === undefined || !job.hasOtherWay(path)) continue;
    path.drop("served wrong bytes", true);
    transfer.emit("message", { message: `path ${name} served wrong bytes of ${job.key}` });
  }
}
