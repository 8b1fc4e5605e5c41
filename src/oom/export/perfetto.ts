import type { JsonObject } from "../../base/json.ts";
import type { ReportView } from "../report-view.ts";

const PID = 1;
const TID = 1;

/**
 * A trace in Chrome's JSON form, which Perfetto opens: one counter track a curve, and the last operations as instants.
 * Source: "Trace Event Format", Google. Times are in microseconds.
 */
export function perfettoTrace(name: string, view: ReportView): JsonObject {
  const metadata: JsonObject[] = [
    { ph: "M", name: "process_name", pid: PID, tid: TID, ts: 0, args: { name } },
    { ph: "M", name: "thread_name", pid: PID, tid: TID, ts: 0, args: { name: "last operations" } },
  ];
  const counters = view.curves.flatMap(({ series, points }) =>
    points.map(({ t_ms, bytes }): JsonObject => {
      return { ph: "C", name: series, pid: PID, tid: TID, ts: t_ms * 1000, args: { bytes } };
    }),
  );
  const operations = view.ops.map(({ op, bytes, ts_ns }): JsonObject => {
    return { ph: "i", s: "t", name: op, pid: PID, tid: TID, ts: ts_ns / 1000, args: { bytes } };
  });
  return {
    displayTimeUnit: "ms",
    otherData: {
      peak_allocated_bytes: view.peakAllocatedBytes,
      peak_reserved_bytes: view.peakReservedBytes,
      timestamp: view.timestamp,
    },
    traceEvents: [...metadata, ...counters, ...operations],
  };
}
