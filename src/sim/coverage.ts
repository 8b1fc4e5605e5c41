/** Between a fault and the state that it hit. */
const AT = " @ ";

/** Counts what happened, by name: faults that hit, and what a scenario adds. */
export class Coverage {
  readonly #counts = new Map<string, number>();
  readonly #pairs = new Map<string, number>();
  /** What the program was doing, in a word; whoever knows it sets this. */
  state: () => string = () => "";

  hit(name: string): void {
    add(this.#counts, name);
    const state = this.state();
    if (state !== "") add(this.#pairs, `${name}${AT}${state}`);
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** `fault @ state`, with how often. */
  get pairs(): ReadonlyMap<string, number> {
    return this.#pairs;
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
