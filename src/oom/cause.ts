import type { Killer, Recognised, ToldBytes, Tool } from "./recognise/types.ts";

/** Who ended the program, which process it was, and how much memory it had and wanted. */
export interface OomCause extends ToldBytes {
  readonly killer: Killer;
  /** Whose words or record told it; `cgroup` where only the group's counters did. */
  readonly tool: Tool | "cgroup";
  readonly process?: { readonly pid?: number; readonly name?: string; readonly command?: readonly string[] };
  readonly device?: string;
  /** The control group or the service. */
  readonly group?: string;
  /** What limit it was, such as `cgroup memory.max of /box` or `RLIMIT_AS`. */
  readonly limit?: string;
  /** The words that told it, as they stood. */
  readonly message?: string;
  /** `observed` when a record or the program's words say it; `derived` when counters alone do. */
  readonly certainty: "observed" | "derived";
  /** What it was told by, one line each. */
  readonly evidence: readonly string[];
}

/** A cause from one recognised message, such as a line of a log. */
export function causeOf(found: Recognised): OomCause {
  const { text, offset: _, ...rest } = found;
  return { ...rest, message: text, certainty: "observed", evidence: [`the words of ${found.tool}`] };
}
