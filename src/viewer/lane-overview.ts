import type { LanesPicture } from "../reports/html/pictures.ts";
import type { Range } from "./range.ts";

const BINS = 8192;

/** What each lane shows in each small part of the time, counted once. */
export interface LaneOverview {
  readonly longestNs: number;
  /** The rarest kind of event in that part of that lane, so that what is rare stays visible; -1 for none. */
  readonly kindIn: (lane: number, fromNs: number, uptoNs: number) => number;
}

export function laneOverview(picture: LanesPicture, lanes: number, whole: Range): LaneOverview {
  const { durationNs, eventKind, kinds, lane, timeNs } = picture;
  const counts = new Float64Array(kinds.length);
  let longestNs = 0;
  for (let at = 0; at < timeNs.length; at++) {
    counts[eventKind[at] ?? 0] = (counts[eventKind[at] ?? 0] ?? 0) + 1;
    longestNs = Math.max(longestNs, durationNs[at] ?? 0);
  }
  const bins = new Int16Array(lanes * BINS).fill(-1);
  const perNs = BINS / (whole.upto - whole.from);
  const binOf = (ns: number): number =>
    Math.min(BINS - 1, Math.max(0, Math.floor((ns - whole.from) * perNs)));
  for (let at = 0; at < timeNs.length; at++) {
    const row = lane[at] ?? 0;
    if (row >= lanes) continue;
    const kind = eventKind[at] ?? 0;
    const last = binOf((timeNs[at] ?? 0) + (durationNs[at] ?? 0));
    for (let bin = binOf(timeNs[at] ?? 0); bin <= last; bin++) {
      const before = bins[row * BINS + bin] ?? -1;
      if (before === -1 || (counts[kind] ?? 0) < (counts[before] ?? 0)) bins[row * BINS + bin] = kind;
    }
  }
  return {
    longestNs,
    kindIn(row, fromNs, uptoNs) {
      let rarest = -1;
      const last = binOf(uptoNs);
      for (let bin = binOf(fromNs); bin <= last; bin++) {
        const kind = bins[row * BINS + bin] ?? -1;
        if (kind !== -1 && (rarest === -1 || (counts[kind] ?? 0) < (counts[rarest] ?? 0))) rarest = kind;
      }
      return rarest;
    },
  };
}
