import { appendFileSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CrashpackBuilder } from "../src/crashpack/builder.ts";
import { packOfSim } from "../src/scenarios/pack.ts";
import { scenarios } from "../src/scenarios/registry.ts";
import { runScenario } from "../src/scenarios/run.ts";
import { nodeStoreWorld } from "../src/world/node/store-world.ts";
import { apr } from "./support/cli.ts";
import { builderOf, vectorInput } from "./support/crashpack/pack.ts";
import { plantedBundle } from "./support/plant.ts";
import { packIn, runScript } from "./support/replay.ts";
import { MINIMIZE_PLANTS } from "./support/sim/minimize-plants.ts";
import { tempDir } from "./support/temp.ts";
import { mustRun, type Ran, run } from "./support/transfer/run.ts";

/** Names that a shell, or a reader of flags, may take for something else. */
const HOSTILE = [
  ...["", " ", "--", "-n", "--json", "$(touch pwned)", "`x`", "a'b\"c", "\n", "\0", "😀", "\ud83d", "="],
  "x".repeat(2000),
];

/** A pack of a run of this engine; nothing is broken in it. */
async function packOf(name: string, seed: bigint): Promise<string> {
  const scenario = scenarios.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const dir = `${tempDir()}/pack`;
  const run = await runScenario(scenario, seed);
  await packOfSim(run, { seed, version: "0" }).emitAtpTrace(nodeStoreWorld, dir);
  return dir;
}

/** A pack of a run that an engine with a mistake in it has failed. */
async function failedPack(index: number): Promise<string> {
  const plant = MINIMIZE_PLANTS[index];
  if (plant === undefined) throw new Error("no such plant");
  const bundle = await plantedBundle("test/support/sim/pack-entry.ts", plant);
  const dir = `${tempDir()}/pack`;
  await mustRun([process.execPath, bundle, plant.scenario, "0", dir]);
  return dir;
}

test.each(scenarios.map(({ name }) => name))(
  "%s: its script replays a pack, and reaches the same trace",
  async (name) => {
    const dir = await packOf(name, 2n ** 64n - 1n);
    const ran = await runScript(`${dir}/replay_command.sh`);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/reproduced {6}the same [0-9,]+ events?, byte for byte: no violation/);
    const json = await apr(["replay", dir, "--json"]);
    expect(json.json()).toMatchObject({ kind: "sim", verdict: "reproduced", exit_code: 0, violations: [] });
    const verdicts = (json.json() as { verdicts: { gate: string; verdict: string }[] }).verdicts;
    expect(verdicts.map(({ gate, verdict }) => `${gate} ${verdict}`)).toEqual([
      "atp-transfer/APR-ATP-PACK pass",
      "atp-transfer/APR-ATP-ROUNDTRIP pass",
      "atp-transfer/APR-ATP-REPLAYED pass",
    ]);
  },
);

test("a failure that was mended is not reproduced, and the first event that differs is shown", async () => {
  const dir = await failedPack(1);
  const { code, stdout } = await runScript(`${dir}/replay_command.sh`);
  expect(code, stdout).toBe(5);
  expect(stdout).toMatch(/NOT REPRODUCED {2}event \d+ is path_failed, and was .*\(quiescence\)/);
  expect(stdout).toContain("the pack is by apr 0, and this is apr ");
  expect(stdout).toMatch(/FAIL +atp-transfer\/APR-ATP-REPLAYED +trace-differs first_difference=\d+/);
  const json = (await apr(["replay", dir, "--json"])).json() as {
    difference: { event: number; recorded: { seq: number }; replayed: { kind: string } };
  };
  expect(json.difference.replayed.kind).toBe("path_failed");
  expect(json.difference.recorded.seq).toBe(json.difference.event);
  const minimized = await apr(["replay", dir, "--minimize", "--json"]);
  expect(minimized.json()).toMatchObject({ error: { code: "not-reproduced", exit_code: 5 } });
}, 60_000);

test("the engine that failed reproduces its pack, and --minimize packs what is left with a story", async () => {
  const dir = await failedPack(0);
  // The whole command, with the same mistake in its engine.
  const mistaken = await plantedBundle("src/cli/main.ts", MINIMIZE_PLANTS[0] ?? null);
  const replay = (...args: string[]): Promise<Ran> => run([process.execPath, mistaken, "replay", ...args]);
  expect((await replay(dir)).stdout).toMatch(
    /reproduced {6}the same [0-9,]+ events?, byte for byte: obligation_leak/,
  );
  const small = `${tempDir()}/small`;
  const { code, stderr, stdout } = await replay(dir, "--minimize", "-o", small, "--json");
  expect([code, stderr]).toEqual([0, ""]);
  const found = JSON.parse(stdout) as { from: number; to: number; runs: number; story: string[] };
  expect(found).toMatchObject({ minimized: small, violation: "obligation_leak", one_minimal: true });
  expect(found.to).toBeLessThan(found.from / 20);
  expect(readFileSync(`${small}/story.txt`, "utf8")).toBe(`${found.story.join("\n")}\n`);
  expect(found.story.at(-1)).toContain("then obligation_leak in process 1");
  expect((await replay(small)).code).toBe(0);
  expect((await replay(small, "--minimize", "-o", small)).code).toBe(5);
  expect((await apr(["replay", small])).code).toBe(5);
  expect((await apr(["replay", dir, "-o", `${small}-x`])).code).toBe(2);
}, 60_000);

test("a pack that is damaged, of another kind or named wrongly", async () => {
  const dir = await packOf("single-pull", 1n);
  expect((await apr(["replay"])).code).toBe(2);
  expect((await apr(["replay", `${dir}/no`])).code).toBe(3);
  const other = await apr([
    "replay",
    "--trace-file",
    `${dir}/transfer.atp-trace`,
    "--manifest",
    `${dir}/../manifest`,
  ]);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("is not the manifest of the pack")]);
  const oracle = await apr(["replay", dir, "--oracle", "nobody", "--json"]);
  expect(oracle.json()).toMatchObject({ error: { code: "unknown-oracle", exit_code: 2 } });

  const vector = `${tempDir()}/pack`;
  await builderOf(vectorInput("violations")).build().emitAtpTrace(nodeStoreWorld, vector);
  const unknown = await runScript(`${vector}/replay_command.sh`);
  expect([unknown.code, unknown.stderr]).toEqual([6, ""]);
  expect(unknown.stdout).toContain("not replayable  the pack does not say how its run can be run again");
  expect((await apr(["replay", vector, "--minimize"])).code).toBe(6);

  const builder = new CrashpackBuilder().withMetadata("kind", "transfer");
  for (const name of HOSTILE) {
    builder.withOracleResult({
      oracle_name: name,
      violations: [],
      stats: { entities_tracked: 0, events_recorded: 1 },
      passed: true,
    });
  }
  const hostile = `${tempDir()}/a 'pack' $(touch pwned)`;
  await builder
    .withSeed("$(x)", 2n ** 64n - 1n)
    .build()
    .emitAtpTrace(nodeStoreWorld, hostile);
  const named = await runScript(`${hostile}/replay_command.sh`);
  expect([named.code, named.stderr]).toEqual([6, ""]);
  expect(named.stdout).toContain("not replayable  the answers of disk and network were not recorded");

  appendFileSync(`${dir}/choices.json`, " ");
  const damaged = await apr(["replay", dir, "--json"]);
  expect(damaged.json()).toMatchObject({
    error: { code: "files-disagree", file: "choices.json", exit_code: 4 },
  });
});

test("apr sim run and sweep keep packs of what they break", async () => {
  const mistaken = await plantedBundle("src/cli/main.ts", MINIMIZE_PLANTS[1] ?? null);
  const packs = `${tempDir()}/packs`;
  const sim = (...args: string[]): Promise<Ran> =>
    run([process.execPath, mistaken, "sim", ...args, "--crashpack", packs]);
  let seed = 0;
  let ran = await sim("run", "single-pull", "--seed", "0");
  while (ran.code === 0 && seed < 50) ran = await sim("run", "single-pull", "--seed", String(++seed));
  expect(ran.code, ran.stderr).toBe(5);
  const pack = packIn(packs);
  expect(ran.stderr).toBe(`  crashpack  ${pack}\n  smaller    apr replay ${pack} --minimize\n`);
  const replayed = await run([process.execPath, mistaken, "replay", pack]);
  expect([replayed.code, replayed.stderr]).toEqual([0, ""]);
}, 60_000);
