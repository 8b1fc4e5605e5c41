import type { Batch } from "./batch.ts";
import { type SeedRange, seedAt, seedCount, type Shard } from "./seeds.ts";
import { NO_TALLY, type Tally, together } from "./tally.ts";
import type { Params } from "./run-types.ts";

/** As many as take a worker about a second. */
const BATCH_SEEDS = 32n;

/** One scenario of a sweep, and what it has come to. */
export interface Swept {
  readonly scenario: string;
  readonly params: Params;
  readonly tally: Tally;
}

export interface SweepOptions {
  readonly seeds: SeedRange;
  readonly shard: Shard;
  readonly scenarios: readonly { readonly name: string; readonly params: Params }[];
  /** One for each worker. */
  readonly workers: readonly ((batch: Batch) => Promise<Tally>)[];
  /** Asked before each batch: no new one is begun when it says so. */
  readonly isOver: () => boolean;
  readonly onProgress: (tally: Tally) => void;
}

/**
 * Runs every seed of the shard for every scenario: a batch of each in turn, so that a sweep that runs out of time has
 * looked at all of them. What was begun is finished, so that it ran a beginning of its seeds, without gaps.
 */
export async function sweep(options: SweepOptions): Promise<readonly Swept[]> {
  const { isOver, onProgress, scenarios, workers } = options;
  const tallies = scenarios.map(() => NO_TALLY);
  const queue = batches(options);
  const lane = async (run: (batch: Batch) => Promise<Tally>): Promise<void> => {
    while (!isOver()) {
      const next = queue.next();
      if (next.done === true) return;
      const { batch, index } = next.value;
      const tally = await run(batch);
      tallies[index] = together(tallies[index] ?? NO_TALLY, tally);
      onProgress(tally);
    }
  };
  await Promise.all(workers.map(lane));
  return scenarios.map(({ name, params }, index) => ({
    scenario: name,
    params,
    tally: tallies[index] ?? NO_TALLY,
  }));
}

function* batches({
  scenarios,
  seeds,
  shard,
}: SweepOptions): Generator<{ readonly index: number; readonly batch: Batch }, undefined> {
  const all = seedCount(seeds, shard);
  for (let at = 0n; at < all; at += BATCH_SEEDS) {
    const left = all - at;
    const count = Number(left < BATCH_SEEDS ? left : BATCH_SEEDS);
    const [from, step] = [seedAt(seeds, shard, at), BigInt(shard.of)];
    for (const [index, { name, params }] of scenarios.entries()) {
      yield { index, batch: { scenario: name, params, from, step, count } };
    }
  }
  return undefined;
}
