import type { JsonObject } from "../../base/json.ts";
import type { OomCause } from "../cause.ts";
import type { OomDetail } from "../detail.ts";

/** The kinds of file that tell of an out-of-memory. */
export type ReportKind = "pytorch-snapshot" | "node-report" | "kernel-log" | "log";

/** What one file tells of an out-of-memory, before it becomes a report. */
export interface Reading {
  readonly kind: ReportKind;
  /** The best one first. */
  readonly details: readonly OomDetail[];
  readonly cause: OomCause | null;
  /** RFC 3339, where the file itself says when it was; null otherwise. */
  readonly timestamp: string | null;
  /** Further keys of the report. */
  readonly extra: JsonObject;
}
