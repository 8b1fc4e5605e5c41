import { type Signal, TOGETHER, type Together } from "../../evidence/dependence.ts";
import type { MeasuredSubject, Tally } from "../../evidence/measured-table.ts";
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

  clean(signals: Signals): void {
    this.#clean.count(signals);
  }

  /**
   * One seed's runs, by the index of their defects; null where the run had no place for a defect. Of those that belong
   * to a check one is drawn, so that a seed counts once: runs of one seed are no independent runs.
   */
  planted(runs: readonly (Signals | null)[], chance: Chance): void {
    for (const [index, signals] of runs.entries()) {
      if (signals !== null) this.#defects[index]?.counter.count(signals);
    }
    for (const { counter, signals: of } of this.#mixed) {
      const own = runs.filter((_, index) => of.some((each) => each === this.#defects[index]?.of));
      const one = drawn(
        chance,
        own.filter((signals) => signals !== null),
      );
      if (one !== undefined) counter.count(one);
    }
  }

  result(about: Pick<MeasuredSubject, "params" | "seeds" | "subject">): MeasuredSubject {
    return {
      ...about,
      clean: this.#clean.tally,
      defects: this.#defects.map(({ counter, name, of }) => ({ defect: name, of, ...counter.tally })),
      mixed: this.#mixed.map(({ counter, of }) => ({ of, ...counter.tally })),
    };
  }
}

class Counter {
  #runs = 0;
  readonly #signals = new Map<Signal | Together, number>();

  count(signals: Signals): void {
    this.#runs += 1;
    for (const each of signals) this.#add(each);
    for (const [name, all] of Object.entries(TOGETHER)) {
      if (all.some((each) => signals.has(each))) this.#add(name as Together);
    }
  }

  get tally(): Tally {
    const inOrder = [...this.#signals].sort(([one], [two]) => (one < two ? -1 : 1));
    return { runs: this.#runs, signals: Object.fromEntries(inOrder) };
  }

  #add(name: Signal | Together): void {
    this.#signals.set(name, (this.#signals.get(name) ?? 0) + 1);
  }
}
