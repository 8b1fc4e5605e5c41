import type { TransferEvent } from "./events.ts";
import { regionFacts } from "./regions.ts";

// Quiescence. Nothing of a transfer goes on when it should be over. Pending are: tasks that ran when their region
// closed or at the end; regions that never closed; ways to a chunk that had not ended when the manifest got its
// name, was read back, or at the end. What ends without having begun, or begins twice, counts too: nobody can say
// that it is over. Tasks may run while the manifest is published: the one that publishes it is one of them.

/** Operations that were pending when they should have been over; each counts once. */
export function pendingOperations(events: readonly TransferEvent[]): number {
  const { unfinished, open, strays } = regionFacts(events);
  return unfinished + open + strays + pendingWays(events);
}

function pendingWays(events: readonly TransferEvent[]): number {
  const open = new Set<string>();
  let pending = 0;
  for (const { kind, data } of events) {
    if (kind === "path_chosen") open.add(data.attempt);
    else if (kind === "path_done" || kind === "path_failed" || kind === "race_lost")
      open.delete(data.attempt);
    else if (kind === "published" || (kind === "exposed" && data.what === "manifest")) {
      pending += open.size;
      open.clear();
    }
  }
  return pending + open.size;
}
