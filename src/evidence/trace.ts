import type { JsonObject } from "../base/json.ts";
import type { Clock } from "../world/clock.ts";

/** One thing that happened. Source: SPEC, section 5. */
export interface TraceEvent {
  readonly version: 1;
  /** Counts from 1, without gaps. */
  readonly seq: number;
  /** Nanoseconds since the trace began. */
  readonly time_ns: number;
  readonly kind: string;
  readonly data: JsonObject | null;
}

/** A transfer of 40 GB makes about 40,000 events; ten million chunks would be a mistake, not a model. */
const MAX_EVENTS = 2_000_000;

/** Collects events in the order in which they happen. */
export class TraceBuffer {
  readonly #events: TraceEvent[] = [];
  readonly #clock: Clock;
  readonly #startMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  /** Throws RangeError when the trace is full: what is not recorded cannot be judged. */
  emit(kind: string, data: JsonObject | null): void {
    if (this.#events.length >= MAX_EVENTS) throw new RangeError(`more than ${MAX_EVENTS} trace events`);
    const time_ns = Math.round((this.#clock.monotonicMs() - this.#startMs) * 1e6);
    this.#events.push({ version: 1, seq: this.#events.length + 1, time_ns, kind, data });
  }
}
