import type { TransferViolationType } from "../contracts/transfer-state.ts";

// Which checks may be taken together. All checks of a group look at one and the same thing: the trace of one transfer,
// or the files of one store. One defect often makes several of them signal (a task that never ends shows as quiescence
// and as cancellation drain), so their likelihood ratios are never multiplied: what they say together was measured
// together, as one check that signals when any of them does. The groups of one run are not independent of each other
// either, since one engine made both its trace and its store: nothing within a ledger is ever multiplied.

/** What an oracle of transfers can find: the violation types of its eight checks. */
export type TransferSignal =
  | TransferViolationType
  | "final_exposure"
  | "cancellation_drain"
  | "proof_validity";

/** What the store's verify can find, in snake case. */
export type StoreSignal = "missing" | "wrong_size" | "wrong_bytes" | "unreadable_manifest";

export type Signal = TransferSignal | StoreSignal;

/** Checks that were measured together, as one. */
export type Together = "oracle" | "closing" | "transfer" | "store";

const ORACLE: readonly TransferSignal[] = [
  ...(["manifest_integrity", "journal_consistency", "quiescence"] as const),
  ...(["obligation_leak", "path_consistency"] as const),
];
const CLOSING: readonly TransferSignal[] = ["final_exposure", "cancellation_drain", "proof_validity"];

export const TOGETHER: Readonly<Record<Together, readonly Signal[]>> = {
  /** The five of the transfer's state: one result of the oracle. */
  oracle: ORACLE,
  /** The three of a real transfer: another result. */
  closing: CLOSING,
  /** All eight look at one trace. */
  transfer: [...ORACLE, ...CLOSING],
  /** All four look at one store. */
  store: ["missing", "wrong_size", "wrong_bytes", "unreadable_manifest"],
};

/** The dependence group of a check; null for what is no check that was measured. */
export function groupOf(signal: string): "transfer" | "store" | null {
  for (const group of ["transfer", "store"] as const) {
    if (TOGETHER[group].some((each) => each === signal)) return group;
  }
  return null;
}
