import { expect, test } from "vitest";
import { DEFECTS } from "./support/scenarios/defects.ts";
import { hunt, huntIn, soundBundle } from "./support/scenarios/hunting.ts";

// The scenarios are worth what they find. Each defect is a patch of the engine's real source; the scenario that is
// named with it must find it. Runs are functions of their seeds, so these figures are the same on every machine.

/** The median of the whole table must be below this. */
const MEDIAN_SEEDS = 1000;
/** Those that take more are hunted by bench/sim-power.mjs only. */
const MAX_SEEDS = 200;

const found: { readonly name: string; readonly seeds: number }[] = [];

test("20 defects and more, each another", () => {
  expect(DEFECTS.length).toBeGreaterThanOrEqual(20);
  expect(new Set(DEFECTS.map(({ file, replace, find }) => file + find + replace)).size).toBe(DEFECTS.length);
});
