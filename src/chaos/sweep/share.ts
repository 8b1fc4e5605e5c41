import type { SweepOptions } from "./options.ts";
import type { Task } from "./task.ts";

/** The tasks that this run takes: its shard of them, and of that the sample. Their order stays. */
export function chosen(
  tasks: readonly Task[],
  { shard, sample }: Pick<SweepOptions, "shard" | "sample">,
): readonly Task[] {
  const mine = shard === null ? tasks : tasks.filter((_, index) => index % shard.count === shard.index - 1);
  if (sample === null || sample.points >= mine.length) return mine;
  const drawn = new Set(draw(mine.length, sample.points, sample.seed));
  return mine.filter((_, index) => drawn.has(index));
}

/** `count` different numbers below `from`, the same for the same seed. */
function draw(from: number, count: number, seed: number): number[] {
  const numbers = Array.from({ length: from }, (_, index) => index);
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const random = (below: number): number => {
    // Marsaglia's xorshift with 32 bits; zero would stay zero.
    state = state === 0 ? 0x6d2b79f5 : state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
  for (let index = 0; index < count; index++) {
    const other = index + random(from - index);
    const held = numbers[index] ?? 0;
    numbers[index] = numbers[other] ?? 0;
    numbers[other] = held;
  }
  return numbers.slice(0, count);
}
