import { expect, test } from "vitest";
import { plantedBundle } from "./support/plant.ts";
import type { MinimizedSeeds } from "./support/sim/minimize-entry.ts";
import { MINIMIZE_PLANTS } from "./support/sim/minimize-plants.ts";
import { run } from "./support/transfer/run.ts";

const ENTRY = "test/support/sim/minimize-entry.ts";

test.each(MINIMIZE_PLANTS)(
  "$what: failing seeds shrink to what they need",
  async (plant) => {
    const bundle = await plantedBundle(ENTRY, plant);
    const { code, stderr, stdout } = await run([process.execPath, bundle, plant.scenario, "3", "2000"]);
    expect([code, stderr]).toEqual([0, ""]);
    const { found } = JSON.parse(stdout) as MinimizedSeeds;
    expect(found).toHaveLength(3);
    for (const each of found) {
      expect(each).toMatchObject({ checked: true, oneMinimal: true });
      expect(each.to, `seed ${each.seed}`).toBeLessThanOrEqual(each.from * 0.05);
      expect(each.story.length).toBeGreaterThan(1);
    }
  },
  60_000,
);
