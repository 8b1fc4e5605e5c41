import type { VerdictWord, Verdict } from "../contracts/types.ts";
import type { PackContents, PackEvent } from "../crashpack/types.ts";

/** What can run a pack again: the simulated world, the engine on recorded answers, or the chaos harness. */
export type PackKind = "sim" | "transfer" | "chaos" | "unknown";

/** `not-replayable` says nothing of the failure: it could not be run again here. */
export type ReplayWord = "reproduced" | "not-reproduced" | "not-replayable";

/** Where the two runs part. */
export interface Difference {
  /** Number of the first event that differs, from 1; null where it is no event. */
  readonly event: number | null;
  /** The event as the pack has it; null where its trace had ended. */
  readonly recorded: PackEvent | null;
  readonly replayed: PackEvent | null;
  /** In plain words. */
  readonly what: string;
}

export interface ReplayResult {
  readonly kind: PackKind;
  readonly verdict: ReplayWord;
  /** Why it could not be replayed; null when it was. */
  readonly why: string | null;
  /** Null unless it was not reproduced. */
  readonly difference: Difference | null;
  /** Of the pack and of the replay: APR-ATP-PACK, APR-ATP-ROUNDTRIP, APR-ATP-REPLAYED. */
  readonly verdicts: readonly Verdict[];
  /** Of the recorded trace. */
  readonly events: number;
  /** What the recorded run broke: the types of its violations, each once. */
  readonly violations: readonly string[];
  /** What ended the recorded run, where an error did. */
  readonly error: { readonly kind: string; readonly message: string } | null;
  /** The command that the pack holds, where it holds one. */
  readonly command: readonly string[] | null;
  /** What a person should know besides, a line each. */
  readonly notes: readonly string[];
}

/** What one kind of replay found out. */
export type Replayed =
  | { readonly kind: "ran"; readonly trace: readonly PackEvent[]; readonly difference: Difference | null }
  /** It ran again, and what counts is not a trace. */
  | { readonly kind: "judged"; readonly difference: Difference | null; readonly notes: readonly string[] }
  | { readonly kind: "not-replayable"; readonly why: string };

/** A pack that was cross-checked. */
export type SoundPack = PackContents;

export function wordOf(replayed: Replayed, gate: VerdictWord | null): ReplayWord {
  if (replayed.kind === "not-replayable") return "not-replayable";
  return replayed.difference === null && gate !== "fail" ? "reproduced" : "not-reproduced";
}
