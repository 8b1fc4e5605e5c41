import type { Json, JsonObject } from "../../base/json.ts";
import type { TraceEvent } from "../../evidence/trace.ts";
import type { TransferEventKind } from "../../evidence/transfer-events.ts";
import type { Prng } from "../../sim/prng.ts";

/** What draws places: the same numbers for the same seed. */
export type Chance = Pick<Prng, "below">;

export interface Step {
  readonly kind: string;
  readonly data: JsonObject;
  readonly timeNs: number;
}

/** The events of a trace, to be changed as a bug of the engine would have changed them. */
export class Story {
  readonly steps: Step[];

  constructor(events: readonly TraceEvent[]) {
    this.steps = events.map(({ data, kind, time_ns }) => ({ kind, data: data ?? {}, timeNs: time_ns }));
  }

  /** Where events of these kinds stand. */
  places(
    kinds: TransferEventKind | readonly TransferEventKind[],
    where: (step: Step, at: number) => boolean = () => true,
  ): number[] {
    const wanted: readonly string[] = typeof kinds === "string" ? [kinds] : kinds;
    const found: number[] = [];
    for (const [at, step] of this.steps.entries()) {
      if (wanted.includes(step.kind) && where(step, at)) found.push(at);
    }
    return found;
  }

  /** A field of an event; undefined when it has none. */
  field(at: number, name: string): Json | undefined {
    return this.steps[at]?.data[name];
  }

  drop(at: number): void {
    this.steps.splice(at, 1);
  }

  repeat(at: number): void {
    const step = this.steps[at];
    if (step !== undefined) this.steps.splice(at, 0, step);
  }

  /** Takes an event out and puts it in again so that it then stands at `to`. */
  move(at: number, to: number): void {
    const [step] = this.steps.splice(at, 1);
    if (step !== undefined) this.steps.splice(to, 0, step);
  }

  change(at: number, fields: JsonObject): void {
    const step = this.steps[at];
    if (step !== undefined) this.steps[at] = { ...step, data: { ...step.data, ...fields } };
  }

  insert(at: number, kind: TransferEventKind, data: JsonObject): void {
    const timeNs = this.steps[at]?.timeNs ?? this.steps.at(-1)?.timeNs ?? 0;
    this.steps.splice(at, 0, { kind, data, timeNs });
  }

  /** As the engine would have written it: numbered without gaps, with a clock that never runs back. */
  trace(): TraceEvent[] {
    let lastNs = 0;
    return this.steps.map(({ data, kind, timeNs }, index) => {
      lastNs = Math.max(lastNs, timeNs);
      return { version: 1, seq: index + 1, time_ns: lastNs, kind, data };
    });
  }
}

/** One of these; undefined when there is none. */
export function drawn<T>(chance: Chance, all: readonly T[]): T | undefined {
  return all.length === 0 ? undefined : all[chance.below(all.length)];
}

/** Another digest, or another name, of the same form. */
export function otherThan(value: Json | undefined): string {
  const text = typeof value === "string" ? value : "";
  return `${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`;
}
