import { judgeTransfer } from "../oracles/judge.ts";
import type { Hash } from "../world/hash.ts";
import { findingsDifference, traceDifference } from "./compare.ts";
import { findingsOf } from "./pack-transfer.ts";
import { BadRecord } from "./recording/codecs.ts";
import type { TransferRecord } from "./recording/format.ts";
import { type Played, playRecord } from "./recording/play.ts";
import { readRecord } from "./recording/read.ts";
import type { Difference, Replayed, SoundPack } from "./types.ts";

/** Runs the engine again on the answers that disk and network gave. */
export async function replayTransfer(hash: Hash, pack: SoundPack): Promise<Replayed> {
  let record: TransferRecord | null;
  let played: Played;
  try {
    record = readRecord(pack);
    if (record === null) return notReplayable("the answers of disk and network were not recorded");
    if (record.cut !== null) return notReplayable(`the record was cut: ${record.cut}`);
    played = await playRecord(record, hash);
  } catch (error) {
    if (!(error instanceof BadRecord)) throw error;
    return notReplayable(`the record cannot be read: ${error.message}`);
  }
  const { trace } = played;
  return { kind: "ran", trace, difference: differenceOf(pack, played) };
}

function differenceOf(pack: SoundPack, { command, diverged, error, trace }: Played): Difference | null {
  const events = traceDifference(pack.trace_events, trace);
  if (diverged !== null) {
    // What comes first says more than what the trace lacks afterwards.
    return events === null ? other(diverged) : { ...events, what: `${events.what}; ${diverged}` };
  }
  if (events !== null) return events;
  const { metadata } = pack;
  const before = metadata["error.kind"] ?? null;
  if (before !== (error?.kind ?? null)) {
    return other(`it ended with ${error?.kind ?? "success"}, and then with ${before ?? "success"}`);
  }
  const judgement = judgeTransfer(trace, { name: command.kind, switches: {}, judged: "live" });
  const found = findingsOf({ command: command.kind, version: "", judgement });
  return findingsDifference(pack.oracle_results, found);
}

function other(what: string): Difference {
  return { event: null, recorded: null, replayed: null, what };
}

function notReplayable(why: string): Replayed {
  return { kind: "not-replayable", why };
}
