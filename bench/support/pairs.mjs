// Times two things in turn, so that whatever slows the machine slows both, and compares their medians.

/** What one comparison found. `ratio` is the median of A over the median of B; both in milliseconds. */
/** @typedef {{ name: string, aMs: number, bMs: number, ratio: number }} Pair */

/**
 * Runs A and B in turn, `pairs` times after `warmUps` rounds that do not count. Each may be async.
 * @param {{ name: string, a: () => unknown, b: () => unknown, pairs?: number, warmUps?: number }} options
 * @returns {Promise<Pair>}
 */
export async function comparePairs({ name, a, b, pairs = 20, warmUps = 3 }) {
  /** @type {number[]} */
  const as = [];
  /** @type {number[]} */
  const bs = [];
  for (let round = -warmUps; round < pairs; round++) {
    // Which goes first changes each round.
    const aFirst = round % 2 === 0;
    const first = await time(aFirst ? a : b);
    const second = await time(aFirst ? b : a);
    if (round < 0) continue;
    as.push(aFirst ? first : second);
    bs.push(aFirst ? second : first);
  }
  const aMs = median(as);
  const bMs = median(bs);
  return { name, aMs, bMs, ratio: aMs / bMs };
}

/** @param {() => unknown} work */
async function time(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = values.toSorted((x, y) => x - y);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
