import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tempDir } from "../../test/support/temp.ts";
import { examineCrashpack } from "../crashpack/examine.ts";
import { readCrashpack } from "../crashpack/read.ts";
import { nodeStoreWorld } from "../world/node/store-world.ts";
import { packOfSim } from "./pack.ts";
import { BadRecipe, simRecipe } from "./read-pack.ts";
import { runScenario } from "./run.ts";
import { singlePull } from "./single-pull.ts";
import { storyOf } from "./story.ts";
import type { ScenarioRun } from "./run-types.ts";

const SEED = 2n ** 64n - 1n;

/** A run with a finding that is not its own: the engine has none to give. */
async function failedRun(): Promise<ScenarioRun> {
  const run = await runScenario(singlePull, SEED, { params: { chunks: 8 } });
  const violations = [
    { type: "missing_blob", detail: "it's $(gone)\n`now`", process: null },
    { type: "obligation_leak", detail: "one", process: 1 },
    { type: "missing_blob", detail: "another", process: null },
  ];
  return { ...run, violations };
}

test("a pack of a simulated run holds the run, and comes back as it was", async () => {
  const run = await failedRun();
  const dir = `${tempDir()}/pack`;
  await packOfSim(run, { seed: SEED, version: "1", story: storyOf(run) }).emitAtpTrace(nodeStoreWorld, dir);
  const pack = await readCrashpack(nodeStoreWorld, dir);
  expect(simRecipe(pack)).toEqual({
    ...{ scenario: "single-pull", params: { chunks: 8 } },
    ...{ choices: run.choices, fingerprint: run.fingerprint },
  });
  expect(pack.seeds).toEqual({ world: SEED });
  expect(pack.oracle_results.map(({ oracle_name: name, violations }) => [name, violations.length])).toEqual([
    ["single-pull/missing_blob", 2],
    ["single-pull/obligation_leak", 1],
  ]);
  expect(pack.artifact_paths).toEqual(["scenario.json", "choices.json", "observations.json", "story.txt"]);
});

test("every byte that is changed in any of its files is found, and the file named", async () => {
  const dir = `${tempDir()}/pack`;
  await packOfSim(await failedRun(), { seed: 1n, version: "1" }).emitAtpTrace(nodeStoreWorld, dir);
  const files = readdirSync(dir);
  expect(files).toEqual(expect.arrayContaining(["SHA256SUMS", "choices.json", "scenario.json"]));
  for (const file of files) {
    const sound = readFileSync(`${dir}/${file}`);
    const place = fc.record({
      at: fc.nat({ max: Math.max(0, sound.length - 1) }),
      bits: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(place, async ({ at, bits }) => {
        // An empty log has no byte to change: it gets one.
        const bytes = sound.length === 0 ? Buffer.from([bits]) : Buffer.from(sound);
        if (sound.length > 0) bytes[at] = (sound[at] ?? 0) ^ bits;
        writeFileSync(`${dir}/${file}`, bytes);
        const { disagreements } = await examineCrashpack(nodeStoreWorld, dir);
        expect(disagreements.some((each) => each.file === file || each.other === file)).toBe(true);
      }),
      { numRuns: 25 },
    );
    writeFileSync(`${dir}/${file}`, sound);
  }
  expect((await examineCrashpack(nodeStoreWorld, dir)).disagreements).toEqual([]);
});

const recipe = (scenario: unknown, choices: unknown) => ({
  contents: new Map([
    ["scenario.json", JSON.stringify(scenario)],
    ["choices.json", JSON.stringify(choices)],
  ]),
});
const SCENARIO = { format: 1, scenario: "x", params: {} };

test.each<[string, unknown, unknown]>([
  ["another format", { ...SCENARIO, format: 2 }, { format: 1, choices: [] }],
  ["no parameters", { ...SCENARIO, params: 1 }, { format: 1, choices: [] }],
  ["too large a parameter", { ...SCENARIO, params: { chunks: 2 ** 40 } }, { format: 1, choices: [] }],
  ["no list", SCENARIO, { format: 1, choices: {} }],
  ["an unknown kind", SCENARIO, { format: 1, choices: [["weather", 0, 1, 2]] }],
  ["a value beyond its count", SCENARIO, { format: 1, choices: [["net", 0, 2, 2]] }],
  ["too large a count", SCENARIO, { format: 1, choices: [["net", 0, 2, 2 ** 40]] }],
  ["a fraction", SCENARIO, { format: 1, choices: [["net", 0.5, 1, 2]] }],
])("a recipe with %s is refused", (_, scenario, choices) => {
  expect(() => simRecipe(recipe(scenario, choices))).toThrow(BadRecipe);
});

test("the story tells each choice in plain words", async () => {
  const run = await failedRun();
  const choices = [
    { kind: "net", nth: 2, value: 6, count: 21 },
    { kind: "order", nth: 10, value: 3, count: 16 },
    { kind: "disk-write", nth: 0, value: 2, count: 3 },
    { kind: "order", nth: 21, value: 3, count: 16 },
  ] as const;
  const notes = new Map([
    [0, "request 3 to a.example"],
    [2, "/models/x"],
  ]);
  expect(storyOf({ ...run, choices, notes }).slice(0, 4)).toEqual([
    "request 3 to a.example was cut in its body",
    "2 calls of the world took longer than usual: 11, 22",
    "the 1st write of the disk found the disk full: /models/x",
    "then missing_blob: it's $(gone)\n`now`",
  ]);
});
