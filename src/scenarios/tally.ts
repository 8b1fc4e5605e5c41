import type { ScenarioRun } from "./run-types.ts";

/** Failures that are told one by one; beyond these they are only counted. */
export const MAX_FAILURES = 100;

/** A seed that broke something, and what it broke first. */
export interface Failure {
  /** Decimal: 64 bits are more than a JSON number holds. */
  readonly seed: string;
  readonly type: string;
  readonly detail: string;
}

/** What many runs of one scenario showed. */
export interface Tally {
  readonly seeds: number;
  /** Calls of the simulated world. */
  readonly steps: number;
  /** Seeds that broke something. */
  readonly violated: number;
  /** Faults that hit, with how often. */
  readonly coverage: Readonly<Record<string, number>>;
  /** `fault @ last event of the engine`, with how often. */
  readonly states: Readonly<Record<string, number>>;
  /** Those of the lowest seeds. */
  readonly failures: readonly Failure[];
}

export const NO_TALLY: Tally = { seeds: 0, steps: 0, violated: 0, coverage: {}, states: {}, failures: [] };

/** Counts runs. */
export class Tallying {
  #seeds = 0;
  #steps = 0;
  #violated = 0;
  readonly #coverage = new Map<string, number>();
  readonly #states = new Map<string, number>();
  readonly #failures: Failure[] = [];

  add(seed: bigint, { coverage, pairs, steps, violations }: ScenarioRun): void {
    this.#seeds += 1;
    this.#steps += steps;
    for (const [name, count] of coverage) plus(this.#coverage, name, count);
    for (const [name, count] of pairs) plus(this.#states, name, count);
    const [first] = violations;
    if (first === undefined) return;
    this.#violated += 1;
    if (this.#failures.length < MAX_FAILURES)
      this.#failures.push({ seed: String(seed), type: first.type, detail: first.detail });
  }

  get tally(): Tally {
    return {
      ...{ seeds: this.#seeds, steps: this.#steps, violated: this.#violated },
      coverage: sorted(this.#coverage),
      states: sorted(this.#states),
      failures: this.#failures,
    };
  }
}

/** Two tallies of other seeds as one. The order does not matter. */
export function together(one: Tally, other: Tally): Tally {
  const failures = [...one.failures, ...other.failures].sort((a, b) =>
    BigInt(a.seed) < BigInt(b.seed) ? -1 : 1,
  );
  return {
    seeds: one.seeds + other.seeds,
    steps: one.steps + other.steps,
    violated: one.violated + other.violated,
    coverage: sum(one.coverage, other.coverage),
    states: sum(one.states, other.states),
    failures: failures.slice(0, MAX_FAILURES),
  };
}

function sum(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const counts = new Map(Object.entries(one));
  for (const [name, count] of Object.entries(other)) plus(counts, name, count);
  return sorted(counts);
}

function plus(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
