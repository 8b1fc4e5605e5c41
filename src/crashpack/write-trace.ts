import { join } from "node:path";
import { type Json, stringifyJson } from "../base/json.ts";
import { CrashpackError } from "./errors.ts";
import { eventProblem } from "./event-check.ts";
import { MAX_EVENT_BYTES } from "./limits.ts";
import { LOGS, logLine } from "./log-lines.ts";
import { TRACE } from "./names.ts";
import { FileSink } from "./sink.ts";
import type { PackEvent, PackWorld } from "./types.ts";

/** SHA-256 in lower-case hex of a trace's file as `writeTrace` would write it, without a disk. */
export function traceHex({ hash }: Pick<PackWorld, "hash">, events: readonly PackEvent[]): string {
  const hasher = hash.sha256();
  for (let from = 0; from < events.length; from += BATCH) {
    const batch = events.slice(from, from + BATCH).map((event, index) => checked(event, from + index));
    hasher.update((from === 0 ? "[\n" : ",\n") + innerText(batch, from));
  }
  hasher.update(events.length === 0 ? "[]" : "\n]");
  return hasher.hex();
}

/** So many events are made text at a time: enough for speed, little in memory. */
const BATCH = 512;

/** Writes the trace and its three logs in one pass over the events. Resolves with the digests by name. */
export async function writeTrace(
  world: PackWorld,
  folder: string,
  events: readonly PackEvent[],
): Promise<ReadonlyMap<string, string>> {
  const sinks: FileSink[] = [];
  const open = async (name: string): Promise<FileSink> => {
    const sink = await FileSink.open(world, join(folder, name), 0o644);
    sinks.push(sink);
    return sink;
  };
  try {
    const trace = await open(TRACE);
    const logs: { readonly sink: FileSink; readonly log: (typeof LOGS)[number]; lines: number }[] = [];
    for (const log of LOGS) logs.push({ sink: await open(log.name), log, lines: 0 });
    for (let from = 0; from < events.length; from += BATCH) {
      const batch = events.slice(from, from + BATCH).map((event, index) => checked(event, from + index));
      if (trace.add((from === 0 ? "[\n" : ",\n") + innerText(batch, from))) await trace.flush();
      for (const each of logs) {
        const lines = batch.filter(each.log.takes).map(logLine);
        if (lines.length === 0) continue;
        const text = (each.lines === 0 ? "" : "\n") + lines.join("\n");
        each.lines += lines.length;
        if (each.sink.add(text)) await each.sink.flush();
      }
    }
    trace.add(events.length === 0 ? "[]" : "\n]");
    const digests = new Map([[TRACE, await trace.end()]]);
    for (const { sink, log } of logs) digests.set(log.name, await sink.end());
    return digests;
  } finally {
    for (const sink of sinks) await sink.abandon();
  }
}

/** The pretty text of some events, without the array's brackets and the newlines beside them. */
function innerText(batch: readonly PackEvent[], from: number): string {
  const text = stringifyJson(batch as unknown as Json, 2);
  // Only a batch that is large can hold an event that is too large.
  if (text.length * 3 > MAX_EVENT_BYTES) {
    for (const [index, event] of batch.entries()) {
      if (Buffer.byteLength(stringifyJson([event] as unknown as Json, 2)) <= MAX_EVENT_BYTES) continue;
      throw new CrashpackError(
        "too-large",
        `event ${from + index + 1} is larger than ${MAX_EVENT_BYTES} bytes`,
      );
    }
  }
  return text.slice(2, -2);
}

/** The event with its keys in the format's order and no others. */
function checked(event: PackEvent, index: number): PackEvent {
  const why = eventProblem(event);
  if (why !== null) throw new CrashpackError("bad-event", `event ${index + 1} ${why}`);
  const { version, seq, time_ns, kind, data } = event;
  return { version, seq, time_ns, kind, data };
}
