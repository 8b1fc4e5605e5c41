const BLOCK = 1024;

/** Least and greatest of any part of a column, at once also for millions. */
export interface Extremes {
  readonly between: (from: number, upto: number) => readonly [number, number];
}

export function extremes(values: Float64Array): Extremes {
  const blocks = Math.ceil(values.length / BLOCK);
  const lows = new Float64Array(blocks);
  const highs = new Float64Array(blocks);
  const scan = (from: number, upto: number, low: number, high: number): [number, number] => {
    let [least, most] = [low, high];
    for (let at = from; at < upto; at++) {
      const value = values[at] ?? 0;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    return [least, most];
  };
  for (let block = 0; block < blocks; block++) {
    const upto = Math.min(values.length, (block + 1) * BLOCK);
    [lows[block], highs[block]] = scan(block * BLOCK, upto, Infinity, -Infinity);
  }
  return {
    between(from, upto) {
      const end = Math.min(upto, values.length);
      if (from >= end) return [0, 0];
      const first = Math.ceil(from / BLOCK);
      const last = Math.floor(end / BLOCK);
      if (first >= last) return scan(from, end, Infinity, -Infinity);
      let [low, high] = scan(from, first * BLOCK, Infinity, -Infinity);
      for (let block = first; block < last; block++) {
        low = Math.min(low, lows[block] ?? low);
        high = Math.max(high, highs[block] ?? high);
      }
      return scan(last * BLOCK, end, low, high);
    },
  };
}
