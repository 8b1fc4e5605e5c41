import { expect, test } from "vitest";
import { type OracleSwitches } from "../src/oracles/checks.ts";
import { judgeTransfer } from "../src/oracles/judge.ts";
import { type Patch, patched, plantedBundle } from "./support/plant.ts";
import { tempDir } from "./support/temp.ts";
import { run } from "./support/transfer/run.ts";
import type { PlantedRun } from "./support/transfer/planted-entry.ts";

// Oracle completeness: the engine's real source with one mistake in it is caught by the check that is there for it,
// from the trace of a real pull, and the engine as it is passes in the same circumstances.

const ENTRY = "test/support/transfer/planted-entry.ts";

type Scenario = "plain" | "lie" | "stop" | "whole" | "dead" | "race";

interface Plant extends Patch {
  readonly check: keyof OracleSwitches;
  /** The type of violation that the check finds. */
  readonly violation: string;
  readonly scenario: Scenario;
  readonly what: string;
}

const PLANTS: readonly Plant[] = [
  {
    ...{ check: "manifest", violation: "manifest_integrity", scenario: "plain" },
    what: "other bytes are published than were asked for",
    file: "src/transfer/commit.ts",
    find: "await publishManifest(store, work, commit.ref, bytes, blobs,",
    replace:
      'await publishManifest(store, work, commit.ref, Buffer.concat([bytes, Buffer.from("\\n")]), blobs,',
  },
  {
    ...{ check: "journal", violation: "journal_consistency", scenario: "plain" },
    what: "records are not chained to the one before",
    file: "src/transfer/journal/journal.ts",
    find: "this.#last = { n, hash };",
    replace: "this.#last = { n, hash: this.#last.hash };",
  },
  {
    ...{ check: "quiescence", violation: "quiescence", scenario: "plain" },
    what: "a region closes without waiting for its tasks",
    file: "src/transfer/region.ts",
    find: "while (this.#running.size > 0) {",
    replace: "while (this.#running.size < 0) {",
  },
  {
    ...{ check: "obligation", violation: "obligation_leak", scenario: "plain" },
    what: "a part file is moved away and its obligation forgotten",
    file: "src/transfer/commit.ts",
    find: "job.temp?.commit();",
    replace: "",
  },
  {
    ...{ check: "path_consistency", violation: "path_consistency", scenario: "plain" },
    what: "workers do not see which chunks the others fetch",
    file: "src/transfer/fetch/job.ts",
    find: "this.#states[index] = BUSY;",
    replace: "",
  },
  {
    ...{ check: "final_exposure", violation: "final_exposure", scenario: "lie" },
    what: "a blob is taken whatever its digest is",
    file: "src/transfer/fetch/settle.ts",
    find: "if (job.digest === null || actual === job.digest) {",
    replace: "if (job.digest !== undefined) {",
  },
  {
    ...{ check: "cancellation_drain", violation: "cancellation_drain", scenario: "stop" },
    what: "a region that is told to stop does not wait for its tasks",
    file: "src/transfer/region.ts",
    find: "await Promise.all([...this.#running.values()].map(({ ended }) => ended));\n    }",
    replace: `await Promise.race([
        Promise.all([...this.#running.values()].map(({ ended }) => ended)),
        new Promise((resolve) => this.#outer.addEventListener("abort", resolve)),
      ]);
      if (this.#outer.aborted) break;
    }`,
  },
  {
    ...{ check: "proof_validity", violation: "proof_validity", scenario: "plain" },
    what: "the proof records another digest than was found",
    file: "src/transfer/commit.ts",
    find: 'emit("proof", { blob: job.key, digest: digestOfJob(commit, job) });',
    replace: 'emit("proof", { blob: job.key, digest: manifestDigest(store, bytes) });',
  },
];

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
  const strange = { file: "test/support/plant.ts", find: "lost its place", replace: "lost it" };
  await expect(plantedBundle(ENTRY, strange)).rejects.toThrow("is not in the bundle");
});
