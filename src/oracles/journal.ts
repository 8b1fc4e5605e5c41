import type { TransferEvent } from "./events.ts";

// Journal consistency. The records of a journal number on from where it was opened, and each is chained to the one
// before it. One record that breaks either rule, or both, is one gap; the next is compared with it. A record before
// any journal was opened is a gap. A journal that is opened again goes on where it stood, or begins anew with 1.

/** Gaps and ordering violations. */
export function journalGaps(events: readonly TransferEvent[]): number {
  let gaps = 0;
  let at: { readonly next: number; readonly head: string } | null = null;
  for (const { kind, data } of events) {
    if (kind === "journal_opened") {
      const goesOn = at === null || data.next === 1 || (data.next === at.next && data.head === at.head);
      if (!goesOn) gaps += 1;
      at = data;
    } else if (kind === "checkpoint") {
      if (at === null || data.seq !== at.next || data.prev !== at.head) gaps += 1;
      at = { next: data.seq + 1, head: data.hash };
    }
  }
  return gaps;
}
