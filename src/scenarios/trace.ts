import type { TraceEvent } from "../evidence/trace.ts";
import type { ProcessTrace } from "./run-types.ts";

/**
 * One trace of all processes of a run: each process's events in their order, headed by a message that names it, and
 * numbered anew. Each process has a clock that starts with it; its times are told as they are, after those before.
 */
export function wholeTrace(traces: readonly ProcessTrace[]): TraceEvent[] {
  const whole: TraceEvent[] = [];
  let startNs = 0;
  for (const { events, process, what } of traces) {
    const add = (time_ns: number, kind: string, data: TraceEvent["data"]): void => {
      whole.push({ version: 1, seq: whole.length + 1, time_ns: startNs + time_ns, kind, data });
    };
    add(0, "message", { message: `process ${process}: ${what}` });
    for (const { data, kind, time_ns } of events) add(time_ns, kind, data);
    startNs = whole.at(-1)?.time_ns ?? startNs;
  }
  return whole;
}
