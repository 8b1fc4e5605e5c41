import type { Reason, Verdict, VerdictWord } from "./types.ts";
import type { SweepClass, SweepSeverity } from "./sweep-classes.ts";

/** One run that failed: the place of the fault and what came of it. */
export interface SweepMember {
  /** Such as `ENOSPC:write:2`. */
  readonly point: string;
  /** The injected call as strace logged it, or what else showed that the fault fired. */
  readonly proof: string;
  readonly exit_code: number | null;
  readonly happened: string;
}

/** Runs that failed in the same way at the same kind of place. */
export interface SweepFinding {
  /** The same in every run of the same sweep: `partial output: ENOSPC, EIO on write (output)`. */
  readonly id: string;
  readonly class: SweepClass;
  readonly severity: SweepSeverity;
  /** `ENOSPC, EIO on write`. */
  readonly where: string;
  /** Errors, signals, or the name of a further fault. */
  readonly faults: readonly string[];
  readonly calls: readonly string[];
  /** What the file of those calls is to the command. */
  readonly role: string;
  /** Reason codes of all failed gates. */
  readonly codes: readonly string[];
  /** The shown run: the smallest fault that is enough. */
  readonly first: SweepMember;
  /** It needs one injected call only. */
  readonly single: boolean;
  /** How many runs failed so. */
  readonly points: number;
  readonly members: readonly SweepMember[];
  /** How often the shown run was tried, and how often it failed in the same way. */
  readonly repeats: { readonly tried: number; readonly same: number };
  /** Shell that shows the same without apr: `setup` of the report first, once. */
  readonly line: string;
  /** Both together: it can be pasted as it stands. */
  readonly reproduce: string;
  readonly why: string;
  readonly verdicts: readonly Verdict[];
  /** Why it is known and breaks nothing, where a scenario says so. */
  readonly known: string | null;
}

/** A fault that is tried without system calls in view. */
export interface SweepFurther {
  /** Such as `stdout-full`. */
  readonly name: string;
  readonly title: string;
  readonly verdict: VerdictWord;
  readonly tried: number;
  readonly failed: number;
  /** Why nothing could be proven. */
  readonly reasons: readonly Reason[];
}

/** How many points there were, and what became of each. They add up to `total`. */
export interface SweepCounts {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  /** The fault fired, and nothing could be told: such as a loader that failed before the command began. */
  readonly inconclusive: number;
  /** The run went another way and never came there. */
  readonly not_reached: number;
  /** Left out: the budget was spent, or a sample or a shard was asked for. */
  readonly not_tried: number;
}

/** The one JSON document of `apr qa sweep --json`. */
export interface SweepReport {
  readonly schema_version: 1;
  readonly command: readonly string[];
  readonly verdict: VerdictWord;
  readonly model: { readonly path: string; readonly bytes: number } | null;
  readonly sandbox: { readonly confined: boolean; readonly notes: readonly string[] };
  readonly baseline: {
    readonly exit_code: number | null;
    readonly duration_ms: number;
    readonly deterministic: boolean | null;
    readonly output_bytes: number | null;
    readonly stdout_bytes: number;
    readonly stderr: string;
  };
  /** Null: system calls could be watched. Else why not, and what to do. */
  readonly blind: Reason | null;
  readonly counts: SweepCounts;
  /** Points whose fault did not fire, the first thousand. */
  readonly unreached: readonly string[];
  /** Points that were handled well, the first ten thousand: with the findings' members they make the matrix. */
  readonly passed_points: readonly string[];
  /** Points of which nothing could be told, the first thousand. */
  readonly unclear_points: readonly string[];
  readonly further: readonly SweepFurther[];
  readonly findings: readonly SweepFinding[];
  /** Shell that defines `again`, which the findings' lines use. */
  readonly setup: string;
  /** Distinct reasons of what could not be told, the most frequent first. */
  readonly inconclusive: readonly { readonly reason: Reason; readonly points: number }[];
  readonly shard: { readonly index: number; readonly count: number } | null;
  readonly sample: { readonly points: number; readonly seed: number } | null;
  readonly budget_ms: number | null;
  readonly duration_ms: number;
  /** Time of the injected runs alone, and how many runs there were in it, repeats and recoveries included. */
  readonly sweep_ms: number;
  readonly runs: number;
  /** Crashpacks that were written, by finding id. */
  readonly packs: Readonly<Record<string, string>>;
  /** apr's own exit code: 0, 5 or 6. */
  readonly exit_code: number;
}
