/** Counts what happened, by name: faults that hit, and what a scenario adds. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  hit(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
