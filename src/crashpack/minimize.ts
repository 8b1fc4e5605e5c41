// Finds the few choices that a failure needs: delta debugging (Zeller and Hildebrandt's ddmin), then single removals,
// then smaller values. It knows no world: running again is a function that it is given.

/** One decision of a run that was not the harmless one. What it decides is told by its kind. */
export interface MinimizedChoice {
  readonly kind: string;
  /** Which one of its kind, from 0. */
  readonly nth: number;
  /** From 1; 0 is the harmless one and is left out. */
  readonly value: number;
}

/**
 * Runs again with these choices and no others. Resolves with the choices that the run then really made (some of them
 * may never have been asked for), or with null when it does not fail in the same way.
 */
export type RunAgain<C extends MinimizedChoice> = (choices: readonly C[]) => Promise<readonly C[] | null>;

export interface TraceMinimizerConfig {
  /** So many runs at most; what is found until then is the result. */
  readonly maxRuns: number;
  /** Try smaller values of what is left, so that it reads more easily. */
  readonly smallerValues: boolean;
}

const DEFAULT_MINIMIZER_CONFIG: TraceMinimizerConfig = { maxRuns: 2_000, smallerValues: true };

export interface Minimized<C> {
  readonly choices: readonly C[];
  /** How many there were. */
  readonly from: number;
  readonly runs: number;
  /** Leaving out any single one of them was tried, and the failure was gone each time. */
  readonly oneMinimal: boolean;
}

/** A search that is over its budget ends with what it has. */
class OutOfRuns extends Error {}

/** Shrinks a list of choices while the same failure remains. */
export class TraceMinimizer<C extends MinimizedChoice> {
  readonly #config: TraceMinimizerConfig;
  readonly #runAgain: RunAgain<C>;
  readonly #known = new Map<string, readonly C[] | null>();
  #best: readonly C[] = [];
  #runs = 0;

  constructor(runAgain: RunAgain<C>, config: Partial<TraceMinimizerConfig> = {}) {
    this.#runAgain = runAgain;
    this.#config = { ...DEFAULT_MINIMIZER_CONFIG, ...config };
  }

  /** Null when the whole list does not fail: then there is nothing to search in. */
  async minimize(choices: readonly C[]): Promise<Minimized<C> | null> {
    this.#best = choices;
    let oneMinimal = false;
    try {
      if (!(await this.#try(choices))) return null;
      if (!(await this.#try([]))) {
        await this.#wholeKinds();
        await this.#halves();
      }
      // A smaller value may make another choice needless, and the other way round.
      do await this.#singles();
      while (this.#config.smallerValues && (await this.#values()));
      oneMinimal = true;
    } catch (error) {
      if (!(error instanceof OutOfRuns)) throw error;
    }
    return { choices: this.#best, from: choices.length, runs: this.#runs, oneMinimal };
  }

  /** Runs with these choices; what fails is the best so far. */
  async #try(candidate: readonly C[]): Promise<boolean> {
    const key = candidate.map(({ kind, nth, value }) => `${kind} ${nth} ${value}`).join(";");
    let made = this.#known.get(key);
    if (made === undefined) {
      if (this.#runs >= this.#config.maxRuns) throw new OutOfRuns();
      this.#runs += 1;
      made = await this.#runAgain(candidate);
      this.#known.set(key, made);
    }
    if (made === null) return false;
    // What was never asked for is left out as well, unless the run came to make more choices, which no run should.
    this.#best = made.length <= candidate.length ? made : candidate;
    return true;
  }

  /** Most kinds have nothing to do with the failure; the order of calls has many choices. */
  async #wholeKinds(): Promise<void> {
    const counts = new Map<string, number>();
    for (const { kind } of this.#best) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const kinds = [...counts].sort(([, a], [, b]) => b - a);
    for (const [kind] of kinds) await this.#try(this.#best.filter((each) => each.kind !== kind));
  }

  /** Cuts the list into parts and tries each part alone, then all but each part; the parts grow smaller. */
  async #halves(): Promise<void> {
    let parts = 2;
    while (this.#best.length >= 2) {
      const pieces = split(this.#best, Math.min(parts, this.#best.length));
      if (await this.#onlyOne(pieces)) {
        parts = 2;
      } else if (pieces.length > 2 && (await this.#allButOne(pieces))) {
        parts = Math.max(2, pieces.length - 1);
      } else {
        // Single ones are left to the next step.
        if (pieces.length >= this.#best.length / 2) return;
        parts = pieces.length * 2;
      }
    }
  }

  async #onlyOne(pieces: readonly (readonly C[])[]): Promise<boolean> {
    // Of many parts, that one alone is enough is unlikely, and costs a run for each.
    if (pieces.length > 4) return false;
    for (const piece of pieces) if (await this.#try(piece)) return true;
    return false;
  }

  async #allButOne(pieces: readonly (readonly C[])[]): Promise<boolean> {
    let left = pieces;
    let smaller = false;
    for (const piece of pieces) {
      const rest = left.filter((each) => each !== piece);
      if (!(await this.#try(rest.flat()))) continue;
      smaller = true;
      left = rest;
    }
    return smaller;
  }

  /** Leaves out one at a time, until none can be left out any more. */
  async #singles(): Promise<void> {
    for (let smaller = true; smaller; ) {
      smaller = false;
      for (let at = 0; at < this.#best.length; ) {
        const without = this.#best.toSpliced(at, 1);
        // What was needed before may be needless now: once more, then.
        if (await this.#try(without)) smaller = true;
        else at += 1;
      }
    }
  }

  /** True when a value could be made smaller. */
  async #values(): Promise<boolean> {
    let smaller = false;
    for (let at = 0; at < this.#best.length; at++) {
      for (const value of smallerThan(this.#best[at]?.value ?? 0)) {
        const candidate = this.#best.map((each, index) => (index === at ? { ...each, value } : each));
        if (!(await this.#try(candidate))) continue;
        smaller = true;
        break;
      }
    }
    return smaller;
  }
}

/** The smallest first, then a few on the way. */
function smallerThan(value: number): readonly number[] {
  const found = new Set<number>();
  for (const each of [1, value >> 1, value - 1]) if (each >= 1 && each < value) found.add(each);
  return [...found];
}

/** Into so many parts of about the same length. */
function split<C>(list: readonly C[], parts: number): readonly (readonly C[])[] {
  return Array.from({ length: parts }, (_, index) =>
    list.slice(Math.floor((index * list.length) / parts), Math.floor(((index + 1) * list.length) / parts)),
  ).filter((piece) => piece.length > 0);
}
