import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { OomOp } from "./detail.ts";

/** Who held memory at the peak. */
export interface ViewHolder {
  readonly bytes: number;
  readonly blocks: number;
  /** Outermost first. */
  readonly stack: readonly string[];
}

export interface ViewCurve {
  readonly series: string;
  readonly points: readonly { readonly t_ms: number; readonly bytes: number }[];
}

/** What an out-of-memory report says, read leniently: what has the wrong type counts as absent. */
export interface ReportView {
  readonly peakAllocatedBytes: number | null;
  readonly peakReservedBytes: number | null;
  readonly stack: readonly string[];
  readonly histogram: readonly (readonly [bucket: string, count: number])[];
  readonly ops: readonly OomOp[];
  readonly exitCode: number | null;
  readonly timestamp: string | null;
  readonly cause: JsonObject | null;
  readonly curves: readonly ViewCurve[];
  /** The largest first; one made of the report's own stack and peak where it names no others. */
  readonly holders: readonly ViewHolder[];
  /** True when the report itself names them. */
  readonly holdersNamed: boolean;
  readonly notes: readonly string[];
  /** Keys of the report that no source knew. */
  readonly unavailable: readonly string[];
}

/** Reads a report. Pure; a report has at most 10 MiB, so nothing here needs a bound of its own. */
export function viewReport(report: JsonObject): ReportView {
  const cause = report["cause"];
  const stack = textsOf(report["largest_alloc_stack"]);
  const peak = countOf(report["peak_allocated_bytes"]);
  const histogram = objectOf(report["tensor_histogram"]);
  const buckets = Object.entries(histogram).flatMap(([bucket, count]): [string, number][] => {
    const value = countOf(count);
    return value === null ? [] : [[bucket, value]];
  });
  const named = holdersOf(objectOf(report["snapshot"])["holders"]);
  const own: ViewHolder[] =
    stack.length === 0 || peak === null
      ? []
      : [{ bytes: peak, blocks: sum(buckets.map(([, count]) => count)), stack }];
  return {
    peakAllocatedBytes: peak,
    peakReservedBytes: countOf(report["peak_reserved_bytes"]),
    stack,
    histogram: buckets,
    ops: arrayOf(report["last_100_ops"]).flatMap(opOf),
    exitCode: intOf(report["exit_code"]),
    timestamp: textOf(report["timestamp"]),
    cause: isJsonObject(cause) ? cause : null,
    curves: Object.entries(objectOf(report["curve"])).map(([series, points]) => ({
      series,
      points: arrayOf(points).flatMap(pointOf),
    })),
    holders: named.length > 0 ? named : own,
    holdersNamed: named.length > 0,
    notes: textsOf(report["notes"]),
    unavailable: Object.entries(objectOf(report["provenance"])).flatMap(([key, of]) =>
      objectOf(of)["kind"] === "unavailable" ? [key] : [],
    ),
  };
}

function holdersOf(value: Json | undefined): ViewHolder[] {
  return arrayOf(value).flatMap((item) => {
    const { bytes, blocks, stack } = objectOf(item);
    const [size, count] = [countOf(bytes), countOf(blocks)];
    return size === null || count === null ? [] : [{ bytes: size, blocks: count, stack: textsOf(stack) }];
  });
}

function opOf(item: Json): OomOp[] {
  const { op, bytes, ts_ns } = objectOf(item);
  const [size, time] = [countOf(bytes), countOf(ts_ns)];
  return typeof op !== "string" || size === null || time === null ? [] : [{ op, bytes: size, ts_ns: time }];
}

function pointOf(item: Json): { t_ms: number; bytes: number }[] {
  const { t_ms, bytes } = objectOf(item);
  const [time, size] = [countOf(t_ms), countOf(bytes)];
  return time === null || size === null ? [] : [{ t_ms: time, bytes: size }];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function arrayOf(value: Json | undefined): readonly Json[] {
  return isJsonArray(value) ? value : [];
}

function textOf(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function textsOf(value: Json | undefined): string[] {
  return arrayOf(value).filter((each) => typeof each === "string");
}

/** A whole number that a double holds exactly. */
function intOf(value: Json | undefined): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : null;
}

function countOf(value: Json | undefined): number | null {
  const whole = intOf(value);
  return whole === null || whole < 0 ? null : whole;
}
