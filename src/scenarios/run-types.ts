import type { JsonObject } from "../base/json.ts";
import type { TraceEvent } from "../evidence/trace.ts";
import type { Choice } from "../sim/choices.ts";

/** Numbers that a scenario can be asked for, such as how many chunks its model has. */
export type Params = Readonly<Record<string, number>>;

/** Something that an invariant forbids. Two runs broke the same invariant when the types are equal. */
export interface SimViolation {
  /** Snake case, such as `obligation_leak` or `missing_blob`. */
  readonly type: string;
  readonly detail: string;
  /** Which process of the run showed it, from 1; null for what the store showed at the end. */
  readonly process: number | null;
}

/** The trace of one process of a run. */
export interface ProcessTrace {
  /** From 1, in the order in which they started. */
  readonly process: number;
  /** What it ran, such as `pull`. */
  readonly what: string;
  readonly events: readonly TraceEvent[];
}

/** One run of a scenario: a function of its name, its parameters and its choices alone. */
export interface ScenarioRun {
  readonly scenario: string;
  readonly params: Params;
  /** Every decision that was not the harmless one: the run again. */
  readonly choices: readonly Choice[];
  readonly traces: readonly ProcessTrace[];
  readonly violations: readonly SimViolation[];
  /** Faults that hit, and states of the engine that were reached, with how often. */
  readonly coverage: ReadonlyMap<string, number>;
  /** `fault @ last event of the engine`, with how often. */
  readonly pairs: ReadonlyMap<string, number>;
  /** Calls of the world. */
  readonly steps: number;
  /** Milliseconds of the world's own clock. */
  readonly virtualMs: number;
  /** Of the order of all calls: equal for equal runs. */
  readonly fingerprint: number;
  /** What some of the choices were about, by their index, for a person. */
  readonly notes: ReadonlyMap<number, string>;
  /** What was seen, for the pack: plain data. */
  readonly observations: JsonObject;
}
