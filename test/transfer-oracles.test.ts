import { expect, test } from "vitest";
import { judgeTransfer } from "../src/oracles/judge.ts";
import { PLANTS, type PlantedScenario as Scenario } from "./support/oracles/plants.ts";
import { type Patch, patched, plantedBundle } from "./support/plant.ts";
import { tempDir } from "./support/temp.ts";
import { run } from "./support/transfer/run.ts";
import type { PlantedRun } from "./support/transfer/planted-entry.ts";

// Oracle completeness: the engine's real source with one mistake in it is caught by the check that is there for it,
// from the trace of a real pull, and the engine as it is passes in the same circumstances.

const ENTRY = "test/support/transfer/planted-entry.ts";

async function tracedPull(patch: Patch | null, scenario: Scenario): Promise<PlantedRun> {
  const bundle = await plantedBundle(ENTRY, patch);
  const { code, stdout, stderr } = await run([process.execPath, bundle, `${tempDir()}/models`, scenario]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as PlantedRun;
}

test("there is a planted mistake for each of the eight checks", () => {
  expect(new Set(PLANTS.map(({ check }) => check)).size).toBe(8);
});

test.each(PLANTS)("$check: $what", async (plant) => {
  const { events } = await tracedPull(plant, plant.scenario);
  const { violations, verdict, unreadable } = judgeTransfer(events, { name: "pull" });
  expect(unreadable).toEqual([]);
  expect(violations.map(({ violation_type }) => violation_type)).toContain(plant.violation);
  expect(verdict).toBe("fail");
  // It is this check that sees it: alone it fails, and without it nothing of its kind is found.
  const others = judgeTransfer(events, { name: "pull", switches: { [plant.check]: false } });
  expect(others.violations.map(({ violation_type }) => violation_type)).not.toContain(plant.violation);
});

test.each<[Scenario, boolean]>([
  ["plain", true],
  ["lie", false],
  ["stop", false],
  ["whole", true],
  ["dead", true],
  ["race", true],
])("the engine as it is, %s: nothing is found", async (scenario, complete) => {
  const { events, error } = await tracedPull(null, scenario);
  const { violations, clean, passed, events: count } = judgeTransfer(events, { name: "pull" });
  expect(violations).toEqual([]);
  expect({ clean, passed, failed: error !== null }).toEqual({
    clean: true,
    passed: complete,
    failed: !complete,
  });
  expect(count).toBeGreaterThan(50);
});

test("a patch that has lost its place is refused", async () => {
  const file = "src/transfer/region.ts";
  expect(() => patched({ file, find: "no such text", replace: "" })).toThrow("0 times");
  expect(() => patched({ file, find: "emit", replace: "" })).toThrow(/[0-9]{1,3} times/);
  // It is there once, in a file that no pull needs.
  const strange = { file: "test/support/planting.ts", find: "lost its place", replace: "lost it" };
  await expect(plantedBundle(ENTRY, strange)).rejects.toThrow("is not in the bundle");
});
