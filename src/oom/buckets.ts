const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Upper edges of the buckets, bytes; the last one has none. */
const EDGES: readonly (readonly [below: number, name: string])[] = [
  [KIB, "<1KiB"],
  [64 * KIB, "1KiB-64KiB"],
  [MIB, "64KiB-1MiB"],
  [16 * MIB, "1MiB-16MiB"],
  [256 * MIB, "16MiB-256MiB"],
  [4 * GIB, "256MiB-4GiB"],
  [Number.POSITIVE_INFINITY, ">=4GiB"],
];

/** The edges alone: this runs for each of millions of events. */
const LIMITS: readonly number[] = EDGES.map(([below]) => below).filter(Number.isFinite);

/** How many size buckets there are. */
export const BUCKETS: number = EDGES.length;

/** The number of the bucket that a size falls into. */
export function bucketOf(bytes: number): number {
  let bucket = 0;
  while (bucket < LIMITS.length && bytes >= (LIMITS[bucket] as number)) bucket += 1;
  return bucket;
}

/** Counts by bucket as an object, the small ones first; empty buckets are left out. */
export function histogramOf(counts: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(
    EDGES.map(([, name], index) => [name, counts[index] ?? 0] as const).filter(([, count]) => count > 0),
  );
}
