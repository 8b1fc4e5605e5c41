import type { VerdictWord } from "../../contracts/types.ts";

/** A failure that is known and breaks nothing until its day. */
export interface KnownFailure {
  /** A finding's id, such as `no recovery: SIGKILL`. */
  readonly finding: string;
  readonly reason: string;
  /** The last day on which it counts, `YYYY-MM-DD`. */
  readonly until: string;
}

/** One command under a sweep. */
export interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  /** The model's path, relative to the file; or the size of one that is made. */
  readonly model: { readonly path: string } | { readonly sizeBytes: number } | null;
  readonly setup: string | undefined;
  readonly output: string | undefined;
  readonly state: string | undefined;
  readonly check: string | undefined;
  readonly faults: readonly string[] | null;
  readonly budgetMs: number | null;
  readonly timeoutMs: number;
  readonly sample: { readonly points: number; readonly seed: number } | null;
  readonly expect: {
    /** What the sweep must come to once known failures are set aside. */
    readonly verdict: VerdictWord;
    /** So many faults must fire at least: a sweep that reaches nothing shows nothing. */
    readonly minFired: number;
  };
  readonly known: readonly KnownFailure[];
}

export interface Scenario {
  readonly subjects: readonly Subject[];
}
