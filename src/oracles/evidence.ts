import type { TransferState } from "../contracts/transfer-state.ts";
import { undrainedWorkers } from "./drain.ts";
import { readEvents, type TransferEvent } from "./events.ts";
import { exposedUnverified } from "./exposure.ts";
import { journalGaps } from "./journal.ts";
import { manifestHashes } from "./manifest.ts";
import { leakedObligations } from "./obligations.ts";
import { pathsConsistent } from "./paths.ts";
import { type RecordedDigest, recordedDigests } from "./proofs.ts";
import { pendingOperations } from "./quiescence.ts";

/** Evidence of the three checks that only a real transfer can answer. */
export interface ClosingEvidence {
  readonly exposed_unverified: readonly string[];
  readonly undrained_workers: number;
  readonly digests: readonly RecordedDigest[];
}

export interface TransferEvidence {
  readonly state: TransferState;
  readonly closing: ClosingEvidence;
  /** What could not be read: whatever was found clean may not be so then. */
  readonly unreadable: readonly string[];
}

/**
 * What a trace says of its transfer, from the events alone. Total: a trace may come from anywhere. Each file of
 * this folder holds the rules of one check. Linear in the number of events.
 */
export function transferEvidence(trace: readonly unknown[]): TransferEvidence {
  const { events, unreadable } = readEvents(trace);
  const closing = {
    exposed_unverified: exposedUnverified(events),
    undrained_workers: undrainedWorkers(events),
    digests: recordedDigests(events),
  };
  return { state: stateOf(events), closing, unreadable };
}

/** The state alone. */
export function transferState(trace: readonly unknown[]): TransferState {
  return stateOf(readEvents(trace).events);
}

function stateOf(events: readonly TransferEvent[]): TransferState {
  return {
    ...manifestHashes(events),
    journal_gaps: journalGaps(events),
    pending_operations: pendingOperations(events),
    leaked_obligations: leakedObligations(events),
    path_outcomes_consistent: pathsConsistent(events),
  };
}
