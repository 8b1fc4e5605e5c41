import type { Int } from "../base/ints.ts";
import type { Json } from "../base/json.ts";
import { breadcrumbGate, invariantsGate, schemaGate, sizeGate } from "./oom.ts";
import type { OOM_REPORT_REQUIRED_KEYS } from "./oom-report.ts";
import { decide, outcomeOf } from "./views.ts";

/** A key that every report must have. */
export type OomReportKey = (typeof OOM_REPORT_REQUIRED_KEYS)[number];

/** What `classifyOomSchema` finds. Each kind but `ok` is the gate's reason code. */
export type OomSchemaOutcome =
  | { readonly kind: "ok" }
  | { readonly kind: "not-an-object" }
  | { readonly kind: "missing-required-key"; readonly key: OomReportKey }
  | {
      readonly kind: "peak-bytes-not-number";
      readonly key: "peak_allocated_bytes" | "peak_reserved_bytes";
    }
  | { readonly kind: "stack-not-string-array" }
  | { readonly kind: "histogram-not-object" }
  | { readonly kind: "ops-not-array" }
  | { readonly kind: "exit-code-not-number" }
  | { readonly kind: "timestamp-not-string" };

/** What `classifyOomInvariants` finds. Bytes are bigints where a number would round them. */
export type OomInvariantsOutcome =
  | { readonly kind: "ok" }
  | { readonly kind: "reserved-less-than-allocated"; readonly reserved: Int; readonly allocated: Int }
  | { readonly kind: "too-many-ops"; readonly got: number }
  | { readonly kind: "empty-histogram" }
  | { readonly kind: "empty-stack" }
  | { readonly kind: "silent-exit-code" };

/** What `classifyOomSize` finds. */
export type OomSizeOutcome =
  | { readonly kind: "ok"; readonly bytes: Int }
  | { readonly kind: "too-large"; readonly bytes: Int; readonly cap_bytes: number };

/** What `classifyOomBreadcrumb` finds. */
export type OomBreadcrumbOutcome =
  | { readonly kind: "ok"; readonly path: string }
  | { readonly kind: "not-found" }
  | { readonly kind: "malformed-path"; readonly got: string };

/** Gate `crux-f-13/schema`: an object with the seven keys, each of its type; the first miss counts. */
export function classifyOomSchema(report: Json): OomSchemaOutcome {
  const { reason } = decide(schemaGate, { report });
  return reason === null ? { kind: "ok" } : (outcomeOf(reason) as OomSchemaOutcome);
}

/** Gate `crux-f-13/invariants`. Meant for a report that `classifyOomSchema` found ok. */
export function classifyOomInvariants(report: Json): OomInvariantsOutcome {
  const { reason } = decide(invariantsGate, { report });
  return reason === null ? { kind: "ok" } : (outcomeOf(reason) as OomInvariantsOutcome);
}

/** Gate `crux-f-13/size`: the report file's size in bytes, below 10 MiB. */
export function classifyOomSize(bytes: Int): OomSizeOutcome {
  const { reason } = decide(sizeGate, { bytes });
  return reason === null ? { kind: "ok", bytes } : (outcomeOf(reason) as OomSizeOutcome);
}

/** Gate `crux-f-13/breadcrumb`: the last breadcrumb line in a captured stderr. */
export function classifyOomBreadcrumb(stderr: string): OomBreadcrumbOutcome {
  const { reason, yields } = decide(breadcrumbGate, { stderr });
  if (reason !== null) return outcomeOf(reason) as OomBreadcrumbOutcome;
  return { kind: "ok", path: yields?.["path"] as string };
}
