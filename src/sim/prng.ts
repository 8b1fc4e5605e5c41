// xoshiro128** on 32-bit integers, seeded by splitmix64 (both by Blackman and Vigna, public domain; written anew).
// Only the seeding uses BigInt: it happens once a run.

const MASK = (1n << 64n) - 1n;

function splitMix(state: bigint): bigint {
  let z = state;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

/** Numbers from a seed of 64 bits: the same seed gives the same numbers everywhere. */
export class Prng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: bigint) {
    const first = splitMix((seed + 0x9e3779b97f4a7c15n) & MASK);
    const second = splitMix((seed + 0x3c6ef372fe94f82an) & MASK);
    this.#a = Number(first & 0xffffffffn) | 0;
    this.#b = Number(first >> 32n) | 0;
    this.#c = Number(second & 0xffffffffn) | 0;
    // All zeros would stay so for ever.
    this.#d = Number(second >> 32n) | 1;
  }

  /** 32 bits, as a number from 0. */
  next(): number {
    const b = this.#b;
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const t = b << 9;
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b = b ^ this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** From 0 up to and without `count`, which is at most 2^21. */
  below(count: number): number {
    return Math.floor((this.next() * count) / 0x1_0000_0000);
  }
}
