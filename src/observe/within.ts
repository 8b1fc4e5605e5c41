import type { World } from "../world/world.ts";

/** Waits for something, but no longer than `ms`. False when the time ran out. */
export async function within(
  world: Pick<World, "timers">,
  done: Promise<unknown>,
  ms: number,
): Promise<boolean> {
  const over = new AbortController();
  let came = false;
  const wait = done.then(() => {
    came = true;
  });
  await Promise.race([wait, world.timers.sleep(ms, over.signal)]);
  // A timer that is left alone keeps the whole program from ending.
  over.abort();
  return came;
}
