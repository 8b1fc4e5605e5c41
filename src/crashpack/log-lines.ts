import { PATH_LOG, QUIC_LOG, REPAIR_LOG } from "./names.ts";
import { sortedJson } from "./sorted-json.ts";
import { writeValue } from "./text-value.ts";
import type { PackEvent } from "./types.ts";

const PATH_KINDS: ReadonlySet<string> = new Set([
  "spawn",
  "schedule",
  "yield",
  "wake",
  "poll",
  "complete",
  "region_created",
  "region_close_begin",
  "region_close_complete",
  "region_cancelled",
  "checkpoint",
]);

// Without the `u` flag no letter beyond ASCII is taken for one of these.
const PATH_WORDS = /path|route|racing/i;
const QUIC_WORDS = /quic|udp|packet|connection id/i;
const REPAIR_WORDS = /repair|raptorq|fec|symbol/i;

/** The logs that are drawn from the trace, and which events each of them takes. Source: SPEC, section 5. */
export const LOGS: readonly { readonly name: string; readonly takes: (event: PackEvent) => boolean }[] = [
  { name: PATH_LOG, takes: (event) => PATH_KINDS.has(event.kind) || PATH_WORDS.test(messageOf(event)) },
  { name: QUIC_LOG, takes: (event) => QUIC_WORDS.test(messageOf(event)) },
  { name: REPAIR_LOG, takes: (event) => REPAIR_WORDS.test(messageOf(event)) },
];

/** The message of an event whose data is a message and nothing else; empty for every other one. */
function messageOf({ data }: PackEvent): string {
  if (data === null) return "";
  const message = Object.hasOwn(data, "message") ? data["message"] : undefined;
  return typeof message === "string" && Object.keys(data).length === 1 ? message : "";
}

/** One event as a line of a log, without its end. A kind that would break the line is quoted as values are. */
export function logLine({ seq, time_ns: timeNs, kind, data }: PackEvent): string {
  const head = `[${String(seq).padStart(6, "0")}] ${timeNs}ns ${writeValue(kind)}`;
  return data === null ? head : `${head} ${sortedJson(data)}`;
}
