import type { Severity } from "../contracts/weights.ts";

/** How grave a violation is; the words are those of the files. */
export const ViolationSeverity = {
  Low: "low",
  Medium: "medium",
  High: "high",
  Critical: "critical",
} as const satisfies Readonly<Record<string, Severity>>;

export type ViolationSeverity = Severity;
