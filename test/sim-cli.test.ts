import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { scenarios } from "../src/scenarios/registry.ts";
import { apr } from "./support/cli.ts";
import { plantedBundle } from "./support/plant.ts";
import { DEFECTS } from "./support/scenarios/defects.ts";
import { tempDir } from "./support/temp.ts";

interface Swept {
  readonly scenario: string;
  readonly tally: {
    readonly seeds: number;
    readonly violated: number;
    readonly coverage: Record<string, number>;
  };
}

test("ls lists every scenario", async () => {
  const { code, stdout } = await apr(["sim", "ls", "--json"]);
  expect(code).toBe(0);
  const listed = JSON.parse(stdout) as { readonly scenarios: readonly { readonly name: string }[] };
  expect(listed.scenarios.map(({ name }) => name)).toEqual(scenarios.map(({ name }) => name));
  const text = (await apr(["sim", "ls"])).stdout;
  for (const { name, invariants } of scenarios) {
    for (const word of [name, ...invariants]) expect(text).toContain(word);
  }
});

test("run plays one seed, the same each time, and writes its trace", async () => {
  const trace = join(tempDir(), "trace.json");
  const args = ["sim", "run", "tags-and-gc", "--seed", "0xffffffffffffffff"];
  const first = await apr([...args, "--trace", trace, "--json"]);
  expect(first.code).toBe(0);
  const document = JSON.parse(first.stdout) as Record<string, unknown>;
  expect(document).toMatchObject({
    ...{ scenario: "tags-and-gc", seed: "18446744073709551615", violations: [], params: { chunks: 1 } },
    again: "apr sim run tags-and-gc --seed 18446744073709551615",
  });
  expect((await apr([...args, "--json"])).stdout).toBe(first.stdout);
  const events = JSON.parse(readFileSync(trace, "utf8")) as readonly { readonly seq: number }[];
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect((await apr([...args])).stdout).toContain("nothing is broken");
});

test("shards of a sweep, run apart and merged, are the sweep", async () => {
  const folder = tempDir();
  const sweep = ["sim", "sweep", "tags-and-gc", "--seeds", "10..49", "--jobs", "2"];
  const whole = await apr([...sweep, "--out", join(folder, "whole.json"), "--json"]);
  expect(whole.code).toBe(0);
  const files = [0, 1, 2].map((index) => join(folder, `${index}.json`));
  for (const [index, file] of files.entries()) {
    expect((await apr([...sweep, "--shard", `${index}/3`, "--out", file])).code).toBe(0);
  }
  const merged = await apr(["sim", "merge", ...files, "--json"]);
  expect(merged.code).toBe(0);
  const document = JSON.parse(merged.stdout) as {
    readonly scenarios: readonly Swept[];
    readonly seeds_left: string;
  };
  expect(document.seeds_left).toBe("0");
  expect(document.scenarios).toEqual((JSON.parse(whole.stdout) as { readonly scenarios: unknown }).scenarios);
  expect(document.scenarios[0]?.tally.seeds).toBe(40);
  expect(document.scenarios[0]?.tally.coverage["kill"]).toBeGreaterThan(0);

  const [first = "", second = ""] = files;
  expect((await apr(["sim", "merge", first, second])).code).toBe(6);
  expect((await apr(["sim", "merge", first, first])).code).toBe(4);
  expect((await apr(["sim", "merge", first, join(folder, "whole.json")])).stderr).toContain(
    "number of shards",
  );
  expect((await apr(["sim", "merge", join(folder, "none.json")])).code).toBe(3);
  const broken = JSON.parse(readFileSync(second, "utf8")) as {
    scenarios: { tally: Record<string, unknown> }[];
  };
  const failure = { seed: "14", type: "lost_tag", detail: "gone" };
  for (const { tally } of broken.scenarios) Object.assign(tally, { violated: 1, failures: [failure] });
  writeFileSync(second, JSON.stringify(broken));
  const failing = await apr(["sim", "merge", ...files]);
  expect(failing.code).toBe(5);
  expect(failing.stdout).toContain("apr sim run tags-and-gc --seed 14");
}, 60_000);

test("a sweep that runs out of time begins nothing new, and says how much is left", async () => {
  const args = ["sim", "sweep", "all", "--seeds", "0..999999", "--time", "1ms", "--jobs", "1"];
  const { code, stdout } = await apr([...args, "--json"]);
  expect(code).toBe(0);
  const { scenarios: swept } = JSON.parse(stdout) as { readonly scenarios: readonly Swept[] };
  expect(swept.reduce((sum, { tally }) => sum + tally.seeds, 0)).toBeLessThan(100);
}, 60_000);

test("with a defect in the engine, run and sweep end with 5 and say how to see it again", async () => {
  const defect = DEFECTS.find(({ name }) => name === "chunks are never synced");
  if (defect === undefined) throw new Error("no such defect");
  const main = await plantedBundle("src/cli/main.ts", defect);
  // Where the built command has its thread's program too.
  copyFileSync(
    await plantedBundle("src/cli/run/sim-worker.ts", defect),
    join(dirname(main), "sim-worker.js"),
  );
  writeFileSync(join(dirname(main), "package.json"), '{"type":"module"}');
  const planted = (args: readonly string[]) =>
    spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
  const run = planted(["sim", "run", "resume", "--seed", "0"]);
  expect(run.stdout).toContain("again     apr sim run resume --seed 0\n");
  expect(run.status).toBe(5);
  const sweep = planted([
    "sim",
    "sweep",
    "resume",
    "--seeds",
    "0..3",
    "--jobs",
    "1",
    "--runs",
    "4",
    "--json",
  ]);
  expect(sweep.status).toBe(5);
  const [swept] = (JSON.parse(sweep.stdout) as { readonly scenarios: readonly Swept[] }).scenarios;
  expect(swept?.tally.violated).toBeGreaterThan(0);
  const told = planted(["sim", "sweep", "resume", "--seeds", "0..0", "--runs", "4"]);
  expect(told.stdout).toMatch(/BROKEN .*\n +apr sim run resume --seed 0 --runs 4\n/);
}, 60_000);

test.each([
  [["sim", "run", "nothing", "--seed", "1"], "no scenario"],
  [["sim", "run", "resume", "--seed", "-1"], "seed"],
  [["sim", "run", "resume", "--seed", "18446744073709551616"], "not a seed"],
  [["sim", "run", "resume", "--seed", "1", "--hosts", "2"], "no parameter hosts"],
  [["sim", "run", "resume", "--seed", "1", "--chunks", "0"], "whole number"],
  [["sim", "sweep", "resume", "--seeds", "5..1"], "ends before it begins"],
  [["sim", "sweep", "resume", "--seeds", "5"], "not a range"],
  [["sim", "sweep", "resume", "--seeds", "0..9", "--shard", "2/2"], "not a shard"],
  [["sim", "sweep", "resume", "--seeds", "0..9", "--jobs", "1000"], "whole number"],
  [["sim", "sweep", "resume", "--seeds", "0..9", "--time", "0s"], "time"],
] as const)("%j is a usage error", async (args, why) => {
  const { code, stderr } = await apr([...args]);
  expect(code).toBe(2);
  expect(stderr).toContain(why);
});
