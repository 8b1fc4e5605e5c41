import { type Signal, TOGETHER, type Together } from "../../evidence/dependence.ts";
import type { MeasuredSubject, PairedTally, Tally } from "../../evidence/measured-table.ts";
import { type Chance, drawn } from "./story.ts";

type Defect = { readonly name: string; readonly of: Signal };

/** What the checks said of one run. */
export type Signals = ReadonlySet<Signal>;

/** Counts what the checks say, run by run. */
export class Tallies {
  readonly #clean = new Counter();
  readonly #defects: readonly (Defect & { readonly counter: Counter })[];
  readonly #mixed: readonly {
    readonly of: Signal | Together;
    readonly signals: readonly Signal[];
    readonly counter: Counter;
  }[];

  constructor(defects: readonly Defect[], together: readonly Together[]) {
    this.#defects = defects.map(({ name, of }) => ({ name, of, counter: new Counter() }));
    const single = [...new Set(defects.map(({ of }) => of))];
    this.#mixed = [
      ...single.map((of) => ({ of, signals: [of], counter: new Counter() })),
      ...together.map((of) => ({ of, signals: TOGETHER[of], counter: new Counter() })),
    ];
  }

  /**
   * One seed's clean run, and those with a defect by its index; null where the run had no place for it. Of those that
   * belong to a check one is drawn, so that a seed counts once: runs of one seed are no independent runs.
   */
  take(clean: Signals, runs: readonly (Signals | null)[], chance: Chance): void {
    this.#clean.count(clean);
    for (const [index, signals] of runs.entries()) {
      if (signals !== null) this.#defects[index]?.counter.count(signals, clean);
    }
    for (const { counter, signals: of } of this.#mixed) {
      const own = runs.filter((_, index) => of.some((each) => each === this.#defects[index]?.of));
      const one = drawn(
        chance,
        own.filter((signals) => signals !== null),
      );
      if (one !== undefined) counter.count(one, clean);
    }
  }

  result(about: Pick<MeasuredSubject, "params" | "seeds" | "subject">): MeasuredSubject {
    return {
      ...about,
      clean: this.#clean.tally,
      defects: this.#defects.map(({ counter, name, of }) => ({ defect: name, of, ...counter.pairs })),
      mixed: this.#mixed.map(({ counter, of }) => ({ of, ...counter.pairs })),
    };
  }
}

class Counter {
  #runs = 0;
  readonly #signals: Sums = new Map();
  readonly #clean: Sums = new Map();

  /** A run, and the clean one of the same seed. */
  count(signals: Signals, clean: Signals = new Set()): void {
    this.#runs += 1;
    add(this.#signals, signals);
    add(this.#clean, clean);
  }

  get tally(): Tally {
    return { runs: this.#runs, signals: inOrder(this.#signals) };
  }

  get pairs(): PairedTally {
    return { ...this.tally, clean_signals: inOrder(this.#clean) };
  }
}

type Sums = Map<Signal | Together, number>;

function add(sums: Sums, signals: Signals): void {
  const add = (name: Signal | Together): void => void sums.set(name, (sums.get(name) ?? 0) + 1);
  for (const each of signals) add(each);
  for (const [name, all] of Object.entries(TOGETHER)) {
    if (all.some((each) => signals.has(each))) add(name as Together);
  }
}

function inOrder(sums: Sums): Tally["signals"] {
  return Object.fromEntries([...sums].sort(([one], [two]) => (one < two ? -1 : 1)));
}
