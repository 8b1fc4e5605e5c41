import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { DEFECTS } from "./support/scenarios/defects.ts";
import { hunt, huntIn, type Hunted, soundBundle } from "./support/scenarios/hunting.ts";

// The scenarios are worth what they find. Each defect is a patch of the engine's real source, which must match once;
// the scenario that is named with it must find it. A run is a function of its seed, so these figures are the same on
// every machine. bench/sim-power.mjs prints them.

const MEDIAN_SEEDS = 1000;
const MAX_SEEDS = 4000;

test("20 defects and more, each another", () => {
  expect(DEFECTS.length).toBeGreaterThanOrEqual(20);
  expect(new Set(DEFECTS.map(({ file, find, replace }) => file + find + replace)).size).toBe(DEFECTS.length);
});

test("every defect is found, and over the same seeds the engine as it is breaks nothing", async () => {
  const found = new Map<string, Hunted>();
  const queue = [...DEFECTS];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      found.set(next.name, await hunt(next, MAX_SEEDS));
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, lane));
  const missed = DEFECTS.filter(({ name }) => (found.get(name)?.found ?? null) === null);
  expect(missed.map(({ name }) => name)).toEqual([]);
  const seeds = [...found.values()].map((each) => each.seeds).sort((a, b) => a - b);
  expect(seeds[Math.floor(seeds.length / 2)]).toBeLessThan(MEDIAN_SEEDS);

  const sound = await soundBundle();
  for (const scenario of new Set(DEFECTS.map((each) => each.scenario))) {
    const most = DEFECTS.filter((each) => each.scenario === scenario).map(
      ({ name }) => found.get(name)?.seeds ?? 0,
    );
    expect(await huntIn(sound, scenario, 0, Math.max(...most)), scenario).toMatchObject({ found: null });
  }
}, 300_000);
