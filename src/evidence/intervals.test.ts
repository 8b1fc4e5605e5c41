import fc from "fast-check";
import { expect, test } from "vitest";
import { clopperPearson, type Counts, likelihoodRatio, silenceRatio } from "./intervals.ts";

// The oracle: tails of the binomial distribution as exact fractions, in whole numbers of any size.

const SCALE = 1n << 40n;

/** P(X ≥ signals) × SCALE^runs for X binomial with probability p / SCALE. */
function upperTail(signals: number, runs: number, p: bigint): bigint {
  let sum = 0n;
  let choose = 1n;
  for (let k = 0; k <= runs; k++) {
    if (k > 0) choose = (choose * BigInt(runs - k + 1)) / BigInt(k);
    if (k >= signals) sum += choose * p ** BigInt(k) * (SCALE - p) ** BigInt(runs - k);
  }
  return sum;
}

const grid = (p: number): bigint => BigInt(Math.round(p * Number(SCALE)));

/** Whether P(X ≥ signals) at p is below 1 / tailInverse, exactly. */
function isRarer(signals: number, runs: number, p: bigint, tailInverse: bigint): boolean {
  return upperTail(signals, runs, p) * tailInverse < SCALE ** BigInt(runs);
}

/** A few steps of the grid: further than double precision errs. */
const NEAR = 64n;

test("every count of up to 40 runs: the ends are where the exact tails are", () => {
  for (let runs = 1; runs <= 40; runs++) {
    for (let signals = 0; signals <= runs; signals++) {
      const { low, high } = clopperPearson({ signals, runs }, 0.95);
      const said = `${signals} of ${runs}`;
      if (signals === 0) expect(low, said).toBe(0);
      else {
        expect(isRarer(signals, runs, grid(low) - NEAR, 40n), said).toBe(true);
        expect(isRarer(signals, runs, grid(low) + NEAR, 40n), said).toBe(false);
      }
      if (signals === runs) expect(high, said).toBe(1);
      else {
        // P(X ≤ signals) at p is P(misses ≥ runs − signals) at 1 − p.
        expect(isRarer(runs - signals, runs, SCALE - grid(high) - NEAR, 40n), said).toBe(true);
        expect(isRarer(runs - signals, runs, SCALE - grid(high) + NEAR, 40n), said).toBe(false);
      }
    }
  }
});

// Published: R's own examples of binom.test, and closed forms.
test.each<[number, number, number, number]>([
  [682, 925, 0.707_668_3, 0.765_406_6],
  [5, 10, 0.187_086, 0.812_914],
  [0, 10, 0, 0.308_497_1],
  [0, 1_000_000, 0, 1 - 0.025 ** 1e-6],
  [1_000_000, 1_000_000, 0.025 ** 1e-6, 1],
])("%d of %d", (signals, runs, low, high) => {
  const found = clopperPearson({ signals, runs }, 0.95);
  expect(found.low).toBeCloseTo(low, 7);
  expect(found.high).toBeCloseTo(high, 7);
});

const counts = fc
  .tuple(fc.nat(20_000), fc.nat(20_000))
  .map(([signals, misses]): Counts => ({ signals, runs: signals + misses }));

test("the interval holds the proportion, is wider with more confidence, and mirrors", () => {
  fc.assert(
    fc.property(counts, ({ signals, runs }) => {
      const { low, high } = clopperPearson({ signals, runs }, 0.95);
      const wider = clopperPearson({ signals, runs }, 0.99);
      const mirrored = clopperPearson({ signals: runs - signals, runs }, 0.95);
      const share = runs === 0 ? 0.5 : signals / runs;
      expect(low <= share && share <= high).toBe(true);
      expect(wider.low <= low && high <= wider.high).toBe(true);
      expect(mirrored.low).toBeCloseTo(1 - high, 12);
    }),
    { numRuns: 200 },
  );
});

test("it holds the truth as often as it says: every outcome of 30 runs, weighed exactly", () => {
  for (const p of [0.01, 0.1, 0.37, 0.5, 0.93]) {
    let covered = 0;
    let weight = (1 - p) ** 30;
    for (let signals = 0; signals <= 30; signals++) {
      if (signals > 0) weight *= ((31 - signals) / signals) * (p / (1 - p));
      const { low, high } = clopperPearson({ signals, runs: 30 }, 0.95);
      if (low <= p && p <= high) covered += weight;
    }
    expect(covered).toBeGreaterThanOrEqual(0.95);
  }
});

test("a ratio is a bound where nothing was seen", () => {
  const all = { signals: 1000, runs: 1000 };
  const none = { signals: 0, runs: 1000 };
  const bound = likelihoodRatio(all, none, 0.95);
  // 0.0125 on each side of each interval: four sides make 5 %.
  expect(bound.low).toBeCloseTo(0.0125 ** 0.001 / (1 - 0.0125 ** 0.001), 6);
  expect(bound.high).toBeNull();
  const silence = silenceRatio(all, none, 0.95);
  expect(silence.low).toBe(0);
  expect(silence.high).toBeCloseTo(1 / bound.low, 9);
  expect(likelihoodRatio(none, none, 0.95)).toEqual({ low: 0, high: null });
  const seen = likelihoodRatio({ signals: 900, runs: 1000 }, { signals: 10, runs: 1000 }, 0.95);
  expect(seen.low).toBeLessThan(90);
  expect(seen.high).toBeGreaterThan(90);
});

test.each<[Counts, number]>([
  [{ signals: 2, runs: 1 }, 0.95],
  [{ signals: -1, runs: 1 }, 0.95],
  [{ signals: 0.5, runs: 1 }, 0.95],
  [{ signals: Number.NaN, runs: 1 }, 0.95],
  [{ signals: 0, runs: 1 }, 1],
  [{ signals: 0, runs: 1 }, 0],
])("%o at %d is refused", (given, confidence) => {
  expect(() => clopperPearson(given, confidence)).toThrow(RangeError);
});
