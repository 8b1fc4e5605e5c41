// The regularised incomplete beta function by its continued fraction (DLMF 8.17.22), evaluated from the front after
// Lentz. The tails of the binomial distribution are values of it.

/** The logarithm of the gamma function for x ≥ 0.5, by Lanczos' series with g = 7 (relative error near 1e-15). */
function logGamma(x: number): number {
  const at = x - 1;
  const sum = SERIES.reduce((total, factor, index) => total + factor / (at + index + 1), FIRST);
  const base = at + 7.5;
  return Math.log(Math.sqrt(2 * Math.PI) * sum) + (at + 0.5) * Math.log(base) - base;
}

const FIRST = 0.999_999_999_999_809_9;
const SERIES: readonly number[] = [
  ...[676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_1, -176.615_029_162_140_6],
  ...[
    12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6, 1.505_632_735_149_311_6e-7,
  ],
];

/** Enough for a million runs, whose fraction needs a few thousand terms. */
const MAX_TERMS = 100_000;
const TINY = 1e-300;
const CLOSE = 1e-15;

/**
 * I_x(a, b): how likely a beta variable with these shapes is at most x. `a` and `b` are at least 1, `x` from 0 to 1.
 * Throws RangeError for anything else, and where the fraction does not settle.
 */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (!(a >= 1 && b >= 1 && x >= 0 && x <= 1)) throw new RangeError(`no I_${x}(${a}, ${b}) here`);
  if (x === 0 || x === 1) return x;
  // On its own side of the mean the fraction settles fast.
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a);
  const front = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return (Math.exp(front) * fraction(x, a, b)) / a;
}

function fraction(x: number, a: number, b: number): number {
  const away = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < CLOSE) return value;
  }
  throw new RangeError(`the fraction of I_${x}(${a}, ${b}) does not settle`);
}
