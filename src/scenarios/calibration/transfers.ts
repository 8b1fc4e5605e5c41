import type { Signal, TransferSignal } from "../../evidence/dependence.ts";
import type { MeasuredSubject } from "../../evidence/measured-table.ts";
import type { TraceEvent } from "../../evidence/trace.ts";
import { closingResult, stateResult } from "../../oracles/checks.ts";
import { transferEvidence } from "../../oracles/evidence.ts";
import { Prng } from "../../sim/prng.ts";
import { runScenario } from "../run.ts";
import { calibrationPull } from "./pull.ts";
import { Story } from "./story.ts";
import { type Signals, Tallies } from "./tallies.ts";
import { closingDefects } from "./trace-closing.ts";
import type { TraceDefect } from "./trace-defect.ts";
import { stateDefects } from "./trace-state.ts";

/** Every planted defect of a transfer, by check. */
export const transferDefects: readonly TraceDefect[] = [...stateDefects, ...closingDefects];

export interface MeasureOptions {
  /** The first seed, and the one after the last. */
  readonly seeds: readonly [number, number];
  readonly signal?: AbortSignal | undefined;
  /** Called after each seed, and awaited: no simulated run lets timers and signals come through. */
  readonly onSeed?: (() => Promise<void>) | undefined;
}

/** Streams of chance of one seed that do not meet: more than there are defects. */
const STREAMS = 1024n;

/**
 * Judges simulated pulls: each seed's trace as it is, and once with each defect planted in it. Throws Error when a
 * trace cannot be read, or a run does not come to its end: then there is nothing to be measured.
 */
export async function measureTransfers({ onSeed, seeds, signal }: MeasureOptions): Promise<MeasuredSubject> {
  const tallies = new Tallies(transferDefects, ["oracle", "closing", "transfer"]);
  for (let seed = seeds[0]; seed < seeds[1]; seed++) {
    signal?.throwIfAborted();
    const run = await runScenario(calibrationPull, BigInt(seed));
    const [broken] = run.violations;
    if (broken !== undefined) throw new Error(`seed ${seed}: ${broken.type}: ${broken.detail}`);
    const events = run.traces[0]?.events ?? [];
    const runs = transferDefects.map((defect, index) => {
      const planted = plantedTrace(events, defect, chanceOf(seed, index + 1));
      return planted === null ? null : transferSignals(planted);
    });
    tallies.take(transferSignals(events), runs, chanceOf(seed, 0));
    await onSeed?.();
  }
  return tallies.result({ subject: "transfer", seeds, params: calibrationPull.params });
}

/** A number for each purpose of each seed. */
export function chanceOf(seed: number, stream: number): Prng {
  return new Prng(BigInt(seed) * STREAMS + BigInt(stream));
}

/** The trace with the defect in it; null when it has no place for it. */
export function plantedTrace(
  events: readonly TraceEvent[],
  defect: TraceDefect,
  chance: Prng,
): readonly TraceEvent[] | null {
  const story = new Story(events);
  return defect.plant(story, chance) ? story.trace() : null;
}

/** Which of the eight checks find something in a trace. */
export function transferSignals(trace: readonly TraceEvent[]): Signals {
  const { closing, state, unreadable } = transferEvidence(trace);
  const [problem] = unreadable;
  if (problem !== undefined) throw new Error(`a trace that cannot be judged: ${problem}`);
  const results = [stateResult("pull", {}, state), closingResult("pull", {}, closing)];
  const types = results.flatMap(({ violations }) => violations.map(({ violation_type: type }) => type));
  return new Set<Signal>(types as TransferSignal[]);
}
