import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tempDir } from "../../test/support/temp.ts";
import { AprError } from "../base/errors.ts";
import { overall } from "../contracts/judge.ts";
import type { GateId, Verdict } from "../contracts/types.ts";
import { judgeTransfer } from "../oracles/judge.ts";
import { nodeStoreWorld } from "../world/node/store-world.ts";
import { examineCrashpack } from "./examine.ts";
import { packHeadline } from "./headline.ts";
import { judgePack } from "./judge.ts";
import { keepRecent, listPacks } from "./keep.ts";
import { type FailedRun, keepFailure, packOfRun } from "./of-run.ts";
import { oracleResultsOf } from "./of-verdicts.ts";
import { defaultPackFolder } from "./place.ts";
import { readCrashpack } from "./read.ts";

const world = nodeStoreWorld;
const DAY_MS = 24 * 3_600_000;

function verdict(gate: string, word: Verdict["verdict"], reason: Verdict["reason"]): Verdict {
  return { gate: gate as GateId, origin: "seed", judged: "live", verdict: word, reason };
}

const VERDICTS = [
  verdict("q/a", "fail", { code: "over-budget", budget_bytes: 2n ** 60n, why: "big" }),
  verdict("q/b", "pass", null),
  verdict("q/c", "inconclusive", { code: "not-fired" }),
  verdict("q/c", "inconclusive", { code: "not-fired", again: true }),
];

test("each failed gate is a result by its reason code; what is inconclusive is metadata, never a pass", () => {
  const { metadata, results } = oracleResultsOf(VERDICTS);
  expect(results).toEqual([
    {
      oracle_name: "q/a",
      passed: false,
      stats: { entities_tracked: 1, events_recorded: 1 },
      violations: [
        {
          violation_type: "over-budget",
          severity: "high",
          description: "q/a failed on live evidence: over-budget",
          evidence: { budget_bytes: String(2n ** 60n), why: "big" },
        },
      ],
    },
  ]);
  expect(metadata).toEqual({
    "inconclusive.q/c": '{"code":"not-fired"}',
    "inconclusive.q/c.2": '{"code":"not-fired","again":true}',
  });
});

const RUN: FailedRun = { command: "qa chaos", version: "1.2.3", verdicts: VERDICTS };

test("a failing run is kept under its command and digest, once; its verdicts pass", async () => {
  const folder = `${tempDir()}/packs`;
  const place = { folder, retention: null };
  const first = await keepFailure(world, place, RUN);
  expect(first.path).toBe(`${folder}/qa-chaos-${first.hex.slice(0, 12)}`);
  expect(await keepFailure(world, place, RUN)).toEqual({ ...first, created: false });
  await keepFailure(world, place, { ...RUN, version: "1.2.4" });
  expect(readdirSync(folder)).toHaveLength(2);
  const found = await examineCrashpack(world, first.path);
  expect(judgePack(found).map(({ verdict: word }) => word)).toEqual(["pass", "pass"]);
  expect(await packHeadline(world, first.path)).toEqual({ violations: 1, first: "over-budget" });
  expect((await readCrashpack(world, first.path)).metadata).toMatchObject({
    command: "qa chaos",
    apr_version: "1.2.3",
  });
});

test("a damaged pack fails, and one that cannot be read is no round trip", async () => {
  const folder = `${tempDir()}/packs`;
  const { path } = await keepFailure(world, { folder, retention: null }, RUN);
  writeFileSync(`${path}/manifest`, "x");
  const verdicts = judgePack(await examineCrashpack(world, path));
  expect(verdicts.map(({ verdict: word }) => word)).toEqual(["fail", "inconclusive"]);
  expect(verdicts[0]?.reason).toMatchObject({ code: "files-disagree", files: ["manifest", "SHA256SUMS"] });
  expect(overall(verdicts)).toBe("fail");
  expect(await packHeadline(world, path)).toBeNull();
});

test("a transfer's own results stand once, with the error that ended it", () => {
  const events = [
    { version: 1, seq: 1, time_ns: 0, kind: "manifest", data: { expected: "a", actual: "b" } },
    { version: 1, seq: 2, time_ns: 1, kind: "published", data: { digest: "b" } },
  ] as const;
  const judgement = judgeTransfer(events, { name: "pull" });
  const error = new AprError("network", "it broke", { fields: { code: "reset", b: 1, a: true } });
  const pack = packOfRun({ command: "pull", version: "1", judgement, trace: events, error });
  expect(pack.oracle_results.filter(({ oracle_name: name }) => name === "pull")).toHaveLength(1);
  expect(pack.oracle_results.map(({ oracle_name: name }) => name)).not.toContain("atp-transfer/oracle");
  expect(pack.metadata).toMatchObject({ "error.kind": "network", "error.message": "it broke" });
  expect(pack.metadata["error.fields"]).toBe('{"a":true,"b":1,"code":"reset"}');
});

test("only the newest packs stay, only packs go, and what a killed process left", async () => {
  const folder = `${tempDir()}/packs`;
  expect(await listPacks(world, folder)).toBeNull();
  expect(await keepRecent(world, folder, { count: 1, ageMs: DAY_MS })).toEqual([]);
  const now = Date.now();
  const aged = (path: string, days: number): void =>
    utimesSync(path, new Date(now), new Date(now - days * DAY_MS));
  const paths: string[] = [];
  for (const days of [0, 1, 2, 3, 40]) {
    const { path } = await keepFailure(world, { folder, retention: null }, { ...RUN, version: `${days}` });
    aged(path, days);
    paths.push(path);
  }
  for (const name of ["mine", ".pack.abcdef", ".pack.ghijkl", ".other"]) mkdirSync(`${folder}/${name}`);
  writeFileSync(`${folder}/note`, "");
  for (const name of ["mine", ".pack.abcdef", ".other"]) aged(`${folder}/${name}`, 99);
  expect((await listPacks(world, folder))?.map(({ path }) => path)).toEqual(paths);
  const gone = await keepRecent(world, folder, { count: 10, ageMs: 30 * DAY_MS });
  expect(gone).toEqual([paths[4], `${folder}/.pack.abcdef`]);
  expect(await keepRecent(world, folder, { count: 2, ageMs: 30 * DAY_MS })).toEqual(paths.slice(2, 4));
  expect(readdirSync(folder)).toHaveLength(2 + 4);
});

test("where packs are kept", () => {
  expect(defaultPackFolder({ XDG_STATE_HOME: "/s", HOME: "/h" })).toBe("/s/apr/crashpacks");
  expect(defaultPackFolder({ XDG_STATE_HOME: "s", HOME: "/h" })).toBe("/h/.local/state/apr/crashpacks");
  expect(defaultPackFolder({ HOME: "h" })).toBeNull();
});
