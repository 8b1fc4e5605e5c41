import type { TransferEvent } from "./events.ts";

// Obligations. What is reserved ends exactly once, as `commit` or `abort`, before the trace does. An end without a
// beginning, a second end, and a second beginning before the end each count as a leak. An id may be used again
// after its end.

/** Obligations that were not ended, and beginnings and ends that do not fit. */
export function leakedObligations(events: readonly TransferEvent[]): number {
  const open = new Set<string>();
  let leaks = 0;
  for (const { kind, data } of events) {
    if (kind === "reserve") {
      if (open.has(data.id)) leaks += 1;
      open.add(data.id);
    } else if ((kind === "commit" || kind === "abort") && !open.delete(data.id)) leaks += 1;
  }
  return leaks + open.size;
}
