import type { Json } from "../base/json.ts";
import type { Reason, Verdict, VerdictWord } from "./types.ts";

/** The five faults of `apr-qa-chaos-v1`, by gate id. */
export type ChaosFaultId = "F-CHAOS-001" | "F-CHAOS-002" | "F-CHAOS-003" | "F-CHAOS-004" | "F-CHAOS-005";

/** What one clean run looks like: the yardstick for every fault. */
export interface BaselineReport {
  /** 128+N for a program that signal N ended; null when it was still running at the time limit. */
  readonly exit_code: number | null;
  readonly duration_ms: number;
  /** Peak of the largest process, bytes. */
  readonly peak_rss_bytes: number | null;
  /** How it was measured: `gnu-time` (exact) or `vm-hwm` (sampled from /proc). */
  readonly peak_rss_method: string | null;
  /** Sampled peak of the whole process tree, sum of PSS, bytes. */
  readonly peak_tree_bytes: number | null;
  readonly peak_tree_method: string | null;
  /** Two clean runs gave the same bytes; null when no output is named. */
  readonly deterministic: boolean | null;
  readonly output_bytes: number | null;
  /** The end of the program's stderr. */
  readonly stderr: string;
}

export interface FaultReport {
  readonly id: ChaosFaultId;
  /** A few words: `disk full`. */
  readonly title: string;
  readonly contract: { readonly verdict: VerdictWord; readonly reason: Reason | null };
  readonly strict: { readonly verdict: VerdictWord; readonly reasons: readonly Reason[] };
  /** The fault was seen to fire in at least one run. */
  readonly fired: boolean;
  /** The evidence that the contract's gate judged. */
  readonly evidence: Readonly<Record<string, Json>>;
  /** One shell line that shows the same thing without apr. */
  readonly reproduce: string;
  /** What happened, in plain words, one line. */
  readonly happened: string;
  /** Why a failure matters, one line; empty when nothing failed. */
  readonly why: string;
  /** Remarks that change no verdict, such as `runtime-abort`. */
  readonly notes: readonly Reason[];
  /** Verdicts over the repeats when they differ; null when they agree or there was one run. */
  readonly flaky: Readonly<Record<VerdictWord, number>> | null;
  /** Every gate's verdict, contract first. */
  readonly gates: readonly Verdict[];
  readonly duration_ms: number;
}

/** The one JSON document of `apr qa chaos --json`. */
export interface ChaosReport {
  readonly command: readonly string[];
  readonly verdict: VerdictWord;
  readonly model: { readonly path: string; readonly bytes: number } | null;
  /** Where it was allowed to keep unfinished work, as the person wrote it; null when nowhere. */
  readonly state: string | null;
  /** How the command was fenced in, and what the host did not allow. */
  readonly sandbox: { readonly confined: boolean; readonly notes: readonly string[] };
  readonly baseline: BaselineReport;
  readonly faults: readonly FaultReport[];
  readonly duration_ms: number;
  /** apr's own exit code for this report: 0, 5 or 6. */
  readonly exit_code: number;
}
