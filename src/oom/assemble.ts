import type { Json, JsonObject } from "../base/json.ts";
import { OOM_REPORT_MAX_OPS } from "../contracts/oom-report.ts";
import type { OomCause } from "./cause.ts";
import { causeJson, curveJson } from "./cause-json.ts";
import type { OomDetail } from "./detail.ts";

/** How a report's field came to be known. */
export interface Provenance {
  readonly kind: "observed" | "derived" | "unavailable";
  readonly source: string;
}

/** What a report needs beside the details. */
export interface ReportFacts {
  /** Null when nobody saw it; the report then has -1. */
  readonly exitCode: number | null;
  readonly exitCodeSource: string;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly timestampSource: string;
  /** Further keys of the report, such as `program`; they must not be one of the contract's. */
  readonly extra?: JsonObject;
}

/** The report and, in it, where each field is from. */
export interface AssembledReport {
  readonly report: JsonObject;
  readonly provenance: Readonly<Record<string, Provenance>>;
}

/** Frames are function names and files; a report must stay below 10 MiB. */
const MAX_FRAMES = 512;
const MAX_FRAME_CHARS = 1000;
const MAX_BUCKETS = 512;
const MAX_NOTES = 100;

interface Field<T> extends Provenance {
  readonly value: T;
}

/**
 * The report of contract `crux-f-13` from what each source knows. Of each field the first detail that has it counts,
 * so give the best source first. What nobody knows gets an empty value and the provenance `unavailable`.
 */
export function assembleReport(
  details: readonly OomDetail[],
  cause: OomCause | null,
  facts: ReportFacts,
): AssembledReport {
  const allocated = pick(details, "peakAllocatedBytes", 0);
  const fields = {
    peak_allocated_bytes: allocated,
    peak_reserved_bytes: reservedField(details, allocated),
    largest_alloc_stack: stackField(details),
    tensor_histogram: histogramField(details),
    last_100_ops: opsField(details),
    exit_code: exitField(facts),
    timestamp: { value: facts.timestamp, kind: "observed", source: facts.timestampSource },
  } satisfies Record<string, Field<Json>>;
  const entries = Object.entries<Field<Json>>(fields);
  const provenance = Object.fromEntries(
    entries.map(([key, { kind, source }]): [string, Provenance] => [key, { kind, source }]),
  );
  const report: JsonObject = {
    ...facts.extra,
    ...Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
    provenance: { ...Object.fromEntries(Object.entries(provenance).map(([key, of]) => [key, { ...of }])) },
    cause: cause === null ? null : causeJson(cause, details),
    curve: curveJson(details),
    notes: [...new Set(details.flatMap(({ notes }) => notes))].slice(0, MAX_NOTES),
  };
  return { report, provenance };
}

function pick<K extends keyof OomDetail>(
  details: readonly OomDetail[],
  key: K,
  missing: NonNullable<OomDetail[K]>,
): Field<NonNullable<OomDetail[K]>> {
  for (const detail of details) {
    const value = detail[key];
    if (value === undefined) continue;
    const kind = detail.derived?.includes(key) === true ? "derived" : "observed";
    return { value, kind, source: detail.source };
  }
  return { value: missing, kind: "unavailable", source: "no source knows it" };
}

/** Reserved covers allocated: where no source knows it, or two sources disagree, allocated is its least. */
function reservedField(details: readonly OomDetail[], allocated: Field<number>): Field<number> {
  const same = details.find(
    ({ source, peakReservedBytes }) => source === allocated.source && peakReservedBytes !== undefined,
  );
  const reserved = pick(same === undefined ? details : [same], "peakReservedBytes", 0);
  if (allocated.kind === "unavailable" || reserved.value >= allocated.value) return reserved;
  const source = `at least peak_allocated_bytes (${allocated.source})`;
  return { value: allocated.value, kind: "derived", source };
}

function stackField(details: readonly OomDetail[]): Field<Json> {
  const found = pick(
    details.filter(({ largestAllocStack }) => largestAllocStack?.length !== 0),
    "largestAllocStack",
    ["(unknown)"],
  );
  // The innermost frames tell most.
  const value = found.value.slice(-MAX_FRAMES).map((frame) => frame.slice(0, MAX_FRAME_CHARS));
  return { ...found, value };
}

function histogramField(details: readonly OomDetail[]): Field<Json> {
  const found = pick(
    details.filter(({ histogram }) => histogram === undefined || Object.keys(histogram).length > 0),
    "histogram",
    { "(unknown)": 0 },
  );
  return { ...found, value: Object.fromEntries(Object.entries(found.value).slice(0, MAX_BUCKETS)) };
}

function opsField(details: readonly OomDetail[]): Field<Json> {
  const found = pick(details, "lastOps", []);
  return { ...found, value: found.value.slice(-OOM_REPORT_MAX_OPS).map((op) => ({ ...op })) };
}

function exitField({ exitCode, exitCodeSource }: ReportFacts): Field<Json> {
  if (exitCode === null) return { value: -1, kind: "unavailable", source: exitCodeSource };
  return { value: exitCode, kind: "observed", source: exitCodeSource };
}
