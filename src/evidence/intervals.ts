import { regularizedBeta } from "./beta.ts";

/** How often a check signalled in how many runs. */
export interface Counts {
  readonly signals: number;
  readonly runs: number;
}

/** Both ends belong to it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Halvings after which two neighbouring numbers are left, whatever the scale. */
const MAX_HALVINGS = 1100;

/**
 * The exact two-sided interval of a proportion, after Clopper and Pearson (Biometrika 26, 1934): whatever the true
 * proportion is, at least `confidence` of all samples of independent runs give an interval that holds it.
 * Throws RangeError for counts that are none, and for a confidence that is not between 0 and 1.
 */
export function clopperPearson({ signals, runs }: Counts, confidence: number): Interval {
  const sound =
    Number.isSafeInteger(signals) && Number.isSafeInteger(runs) && signals >= 0 && runs >= signals;
  if (!sound) throw new RangeError(`no counts: ${signals} of ${runs}`);
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`no confidence: ${confidence}`);
  if (runs === 0) return { low: 0, high: 1 };
  const tail = (1 - confidence) / 2;
  const misses = runs - signals;
  return {
    low: lowest(signals, misses, tail),
    high: signals === 0 ? -Math.expm1(Math.log(tail) / runs) : 1 - lowest(misses, signals, tail),
  };
}

/** The proportion with which so many signals, or more, come up as seldom as `tail`. */
function lowest(signals: number, misses: number, tail: number): number {
  if (signals === 0) return 0;
  if (misses === 0) return Math.exp(Math.log(tail) / signals);
  let low = 0;
  let high = 1;
  for (let step = 0; step < MAX_HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (regularizedBeta(middle, signals, misses + 1) < tail) low = middle;
    else high = middle;
  }
  return low;
}

/** The smaller end, and the larger one; null where nothing bounds it. */
export interface Ratio {
  readonly low: number;
  readonly high: number | null;
}

/**
 * The interval of P(signal | defect) / P(signal | clean). Each of the two gets half of what `confidence` leaves, so that
 * the ratio's interval holds with `confidence` even where both come from the same seeds (Bonferroni). A bound where
 * nothing was seen: without a signal in a clean run there is no upper end, without one in a defect the lower one is 0.
 */
export function likelihoodRatio(defect: Counts, clean: Counts, confidence: number): Ratio {
  const each = 1 - (1 - confidence) / 2;
  const above = clopperPearson(defect, each);
  const below = clopperPearson(clean, each);
  return { low: above.low / below.high, high: below.low === 0 ? null : above.high / below.low };
}

/** The same for silence: P(no signal | defect) / P(no signal | clean). */
export function silenceRatio(defect: Counts, clean: Counts, confidence: number): Ratio {
  const silent = ({ runs, signals }: Counts): Counts => ({ signals: runs - signals, runs });
  return likelihoodRatio(silent(defect), silent(clean), confidence);
}
