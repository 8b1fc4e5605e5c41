import type { TransferEvent } from "./events.ts";
import { regionFacts } from "./regions.ts";

// Cancellation drain. A task that was told to stop, by itself or with its region, and the loser of a race above
// all, has completed before its region closes, or before the trace ends.

/** Tasks that were told to stop and had not done so when they should have. */
export function undrainedWorkers(events: readonly TransferEvent[]): number {
  return regionFacts(events).undrained;
}
