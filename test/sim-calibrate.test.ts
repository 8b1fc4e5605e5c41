import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { MeasuredLedger } from "../src/evidence/measured.ts";
import type { MeasuredTable } from "../src/evidence/measured-table.ts";
import { apr, startApr } from "./support/cli.ts";
import { tinyGguf } from "./support/gguf.ts";
import { tempDir } from "./support/temp.ts";

const SEEDS = ["--seeds", "7..19", "--stores", "3..6"] as const;

test("the same seeds give the same table, from one process or from three, and as a file", async () => {
  const dir = tempDir();
  const one = await apr(["sim", "calibrate", ...SEEDS, "--json"]);
  const three = await apr([
    "sim",
    "calibrate",
    ...SEEDS,
    "--jobs",
    "3",
    "--json",
    "--out",
    join(dir, "t.json"),
  ]);
  expect([one.code, one.stderr, three.code]).toEqual([0, "", 0]);
  expect(three.stdout === one.stdout).toBe(true);
  expect(JSON.parse(readFileSync(join(dir, "t.json"), "utf8"))).toEqual(one.json());
  const { subjects } = one.json() as MeasuredTable;
  expect(subjects.map(({ subject, seeds, clean }) => [subject, seeds, clean])).toEqual([
    ["transfer", [7, 19], { runs: 12, signals: {} }],
    ["store", [3, 6], { runs: 3, signals: {} }],
  ]);
  expect(subjects.map(({ defects, mixed }) => [defects.length, mixed.length])).toEqual([
    [31, 11],
    [10, 5],
  ]);
});

test("for a person: every check and defect, with bounds", async () => {
  const { code, stdout } = await apr(["sim", "calibrate", "--seeds", "4", "--stores", "2"]);
  expect(code).toBe(0);
  expect(stdout).toContain("  4 simulated pulls, seeds 0 to 3\n  CHECK ");
  expect(stdout).toMatch(/\n {2}wrong_bytes +bit-flipped +2 of 2 +≥ 15\.81 % +≤ 84 % +≥ 0\.1\d+\n/);
  // Four runs say little, and the interval says so.
  expect(stdout).toMatch(/\n {2}quiescence +task-never-ends +4 of 4 +≥ 39\.76 % +≤ 60 % +≥ 0\.5\d*\n/);
});

test.each<[...string[]]>([
  ["--seeds", "0"],
  ["--seeds", "5..5"],
  ["--seeds", "x"],
  ["--seeds", "-1"],
  ["--stores", "9999999999"],
  ["--jobs", "0"],
  ["--jobs", "1.5"],
])("%s %s is a usage error", async (...flags) => {
  const { code, stdout, stderr } = await apr(["sim", "calibrate", ...flags, "--json"]);
  expect([code, (JSON.parse(stdout) as { error: { kind: string } }).error.kind]).toEqual([2, "usage"]);
  expect(stderr).toContain("not a ");
});

test.each(["1", "2"])("Ctrl-C ends it at once, with %s processes", async (jobs) => {
  const args = ["sim", "calibrate", "--seeds", "1000000", "--stores", "2", "--jobs", jobs, "--json"];
  const { child, result } = startApr(args, { timeoutMs: 30_000 });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  child.kill("SIGINT");
  const { code, json } = await result;
  expect([code, (json() as { error: { kind: string } }).error.kind]).toEqual([130, "interrupted"]);
});

test("a pull's verdict has the measured ratios beside the ledger's assigned weights", async () => {
  const dir = tempDir();
  writeFileSync(join(dir, "m.gguf"), tinyGguf());
  const args = ["pull", "./m.gguf", "--as", "m:1", "--store", join(dir, "store"), "--json"];
  const { code, json } = await apr(args, { cwd: dir });
  const { ledger, measured } = json() as {
    ledger: { entries: { evidence: { bayes_factor: { log10_bf: number } } }[] };
    measured: MeasuredLedger;
  };
  expect(code).toBe(0);
  expect(measured.entries.map(({ assigned_log10_bf: assigned }) => assigned)).toEqual(
    ledger.entries.map(({ evidence }) => evidence.bayes_factor.log10_bf),
  );
  expect(measured.entries.map((entry) => [entry.measured?.check, entry.measured?.signalled])).toEqual([
    ["oracle", false],
    ["closing", false],
  ]);
  const [together] = measured.together;
  expect(measured.together.map(({ check }) => check)).toEqual(["transfer"]);
  // All eight were silent: against a defect, and never more surely than they were measured to be.
  expect(together?.likelihood_ratio.low).toBeGreaterThan(0);
  expect(together?.likelihood_ratio.high).toBeLessThan(0.1);
});
