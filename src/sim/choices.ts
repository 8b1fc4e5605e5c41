import { CHOICES, type ChoiceKind } from "./faults.ts";
import { Prng } from "./prng.ts";

/** One decision that was not the harmless one: the `nth` (from 0) of its kind, of `count` alternatives. */
export interface Choice {
  readonly kind: ChoiceKind;
  readonly nth: number;
  readonly value: number;
  readonly count: number;
}

const NUMBERS: ReadonlyMap<ChoiceKind, number> = new Map(CHOICES.map((kind, index) => [kind, index]));

/** Packs a kind and how many alternatives there were into one number. */
const COUNT = 256;
const NO_COUNTS: readonly number[] = CHOICES.map(() => 0);

/** The number of a kind, for the hot path. */
export function kindNumber(kind: ChoiceKind): number {
  const number = NUMBERS.get(kind);
  if (number === undefined) throw new RangeError(`no kind of choice: ${kind}`);
  return number;
}

/** Alternatives with their probabilities; 0 is what remains. */
export class Odds {
  readonly bounds: Float64Array;

  constructor(probabilities: readonly number[]) {
    let sum = 0;
    this.bounds = Float64Array.from(probabilities, (each) => {
      sum += each;
      return sum * 0x1_0000_0000;
    });
    if (!(sum <= 1)) throw new RangeError("probabilities of more than 1 together");
  }

  get never(): boolean {
    return (this.bounds[this.bounds.length - 1] ?? 0) === 0;
  }
}

/**
 * Makes every decision of a run, from a seed or from a list. A list may lack any entry: that decision is 0, the
 * harmless one. Decisions are counted by kind, so that leaving one out does not shift those of other kinds.
 */
export class Chooser {
  readonly #prng: Prng | null;
  readonly #replayed: readonly Map<number, number>[];
  // Plain arrays: memory outside the heap, for every world anew, costs more than all of its choices.
  readonly #counts: number[] = NO_COUNTS.slice();
  /** Three numbers a choice: objects would cost more. */
  readonly #record: number[] = [];
  #names = 0;
  readonly #about = new Map<number, string>();

  constructor(from: bigint | readonly Choice[]) {
    this.#prng = typeof from === "bigint" ? new Prng(from) : null;
    this.#replayed = typeof from === "bigint" ? [] : CHOICES.map(() => new Map<number, number>());
    if (typeof from === "bigint") return;
    for (const { kind, nth, value } of from) this.#replayed[kindNumber(kind)]?.set(nth, value);
  }

  /** One of `count` alternatives, all as likely. */
  below(kind: number, count: number): number {
    const nth = this.#counts[kind] ?? 0;
    this.#counts[kind] = nth + 1;
    const value = this.#prng === null ? this.#recall(kind, nth, count) : this.#prng.below(count);
    if (value !== 0) this.#note(kind, nth, value, count);
    return value;
  }

  /** 0, or 1 more than the index of the alternative that was hit. */
  among(kind: number, { bounds }: Odds): number {
    const nth = this.#counts[kind] ?? 0;
    this.#counts[kind] = nth + 1;
    const value = this.#prng === null ? this.#recall(kind, nth, bounds.length + 1) : hit(this.#prng, bounds);
    if (value !== 0) this.#note(kind, nth, value, bounds.length + 1);
    return value;
  }

  /** All decisions so far that were not 0. */
  list(): readonly Choice[] {
    const found: Choice[] = [];
    for (let at = 0; at < this.#record.length; at += 3) {
      const packed = this.#record[at] ?? 0;
      const kind = CHOICES[packed % COUNT];
      const [nth = 0, value = 0] = [this.#record[at + 1], this.#record[at + 2]];
      if (kind !== undefined) found.push({ kind, nth, value, count: Math.floor(packed / COUNT) });
    }
    return found;
  }

  /** Notes what the last decision that was not 0 was about: for a person, and of no consequence. */
  about(what: string): void {
    this.#about.set(this.#record.length / 3 - 1, what);
  }

  /** What was noted, by the index in `list`. */
  get notes(): ReadonlyMap<number, string> {
    return this.#about;
  }

  /** A number that was not given before. */
  nextName(): number {
    this.#names += 1;
    return this.#names;
  }

  /** Decisions that were asked for, of every kind. */
  get asked(): number {
    return this.#counts.reduce((sum, each) => sum + each, 0);
  }

  #recall(kind: number, nth: number, count: number): number {
    const value = this.#replayed[kind]?.get(nth) ?? 0;
    // A list that was made for other alternatives still means something.
    return value < count ? value : count - 1;
  }

  #note(kind: number, nth: number, value: number, count: number): void {
    this.#record.push(kind + count * COUNT, nth, value);
  }
}

function hit(prng: Prng, bounds: Float64Array): number {
  const drawn = prng.next();
  // Nearly always beyond the last.
  if (drawn >= (bounds[bounds.length - 1] ?? 0)) return 0;
  let index = 0;
  while (drawn >= (bounds[index] ?? 0)) index += 1;
  return index + 1;
}
