import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { scenarios } from "./registry.ts";
import { runScenario } from "./run.ts";
import { wholeTrace } from "./trace.ts";
import type { Params, ScenarioRun } from "./run-types.ts";

const sha256 = (data: string | Uint8Array): string => hash("sha256", data, "hex");
const SEEDS = 200n;
/** Small enough to be many. Above 32 MiB a blob is hashed while it comes. */
const SMALL: Readonly<Record<string, Params>> = { "single-pull": { chunks: 18 } };

function digestOf({ fingerprint, traces, violations }: ScenarioRun): string {
  return sha256(JSON.stringify([fingerprint, wholeTrace(traces), violations]));
}

/** What must come up among the seeds, or the scenario does not do what it says. */
const MUST_HIT: Readonly<Record<string, readonly string[]>> = {
  "single-pull": ["net flip", "net etag", "net whole", "net length", "disk sync", "disk write"],
  "multi-source": ["net flip", "net other", "net death", "net busy", "net partition"],
  resume: ["kill", "crash", "crash torn write", "crash names none", "disk sync", "net cut"],
  "changing-source": ["file change", "kill", "net cut"],
  "pulls-and-gc": ["kill", "clock jump", "net cut", "crash names any"],
  push: ["kill", "cancel", "registry keeps half", "registry forgets an upload", "disk damage", "net reset"],
  "tags-and-gc": ["kill", "crash", "disk sync", "crash names but one"],
  cancel: ["cancel", "net cut", "net stall"],
};

test("every scenario says what must come up in it", () => {
  expect(Object.keys(MUST_HIT).sort()).toEqual(scenarios.map(({ name }) => name).sort());
});

test.each(scenarios)(
  "$name: no seed breaks anything, and each runs the same again, from its seed or its choices",
  async (scenario) => {
    const params = SMALL[scenario.name] ?? {};
    const seen = new Set<string>();
    const digests = new Set<string>();
    let published = 0;
    for (let seed = 0n; seed < SEEDS; seed++) {
      const run = await runScenario(scenario, seed, { params });
      expect(run.violations, `seed ${seed}`).toEqual([]);
      const again = await runScenario(scenario, seed % 2n === 0n ? seed : run.choices, { params });
      expect(digestOf(again), `seed ${seed}`).toBe(digestOf(run));
      digests.add(digestOf(run));
      for (const name of run.coverage.keys()) seen.add(name);
      if (wholeTrace(run.traces).some(({ kind }) => kind === "published")) published += 1;
    }
    // Most of them come to their end all the same.
    expect(published).toBeGreaterThan(Number(SEEDS) / 2);
    expect(digests.size).toBeGreaterThan(Number(SEEDS) / 2);
    expect([...seen]).toEqual(expect.arrayContaining([...(MUST_HIT[scenario.name] ?? [])]));
  },
  120_000,
);

test("where nothing is chosen nothing goes wrong, and what is done is done once", async () => {
  for (const scenario of scenarios) {
    const run = await runScenario(scenario, [], { params: SMALL[scenario.name] ?? {} });
    expect(run.violations).toEqual([]);
    expect([...run.coverage.keys()].filter((name) => !name.startsWith("crash "))).toEqual([]);
    // Its plainest story is a copy of a tag to itself, five times.
    if (scenario.name === "tags-and-gc") continue;
    const published = wholeTrace(run.traces).filter(({ kind }) => kind === "published");
    expect(published.length, scenario.name).toBeGreaterThan(0);
  }
});

test("a fault is counted with what the engine was doing", async () => {
  const [single] = scenarios;
  if (single === undefined) throw new Error("no scenario");
  const pairs = new Set<string>();
  for (let seed = 0n; seed < 20n; seed++) {
    for (const name of (await runScenario(single, seed, { params: { chunks: 18 } })).pairs.keys()) {
      pairs.add(name);
    }
  }
  expect([...pairs].some((name) => / @ (?:path_chosen|path_done|checkpoint|commit)$/.test(name))).toBe(true);
});

test("a parameter that a scenario does not have is refused", async () => {
  const [single] = scenarios;
  if (single === undefined) throw new Error("no scenario");
  await expect(runScenario(single, 1n, { params: { cunks: 1 } })).rejects.toThrow("no parameter");
});
