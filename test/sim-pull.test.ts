import { expect, test } from "vitest";
import type { Choice } from "../src/sim/choices.ts";
import { type FaultPlan, LYING_NET, NO_FAULTS, ROUGH_NET } from "../src/sim/faults.ts";
import { wrongIn, wrongInStore } from "./support/sim/judging.ts";
import {
  type Attempted,
  CHUNK_BYTES,
  makeStore,
  type Pulling,
  pulling,
  pullOnce,
  sha256,
} from "./support/sim/pulling.ts";

const DISK: FaultPlan["disk"] = { read: 0.002, write: 0.002, sync: 0.01, full: 0.001 };
const CHUNKS = 24;
const MAX_RUNS = 6;

interface Story {
  readonly attempts: readonly Attempted[];
  readonly wrong: readonly string[];
  readonly setting: Pulling;
}

/** Pulls until it is done, at most so often; `trouble` is planned before each attempt but the last. */
async function story(
  choices: bigint | readonly Choice[],
  faults: FaultPlan,
  trouble: (setting: Pulling, started: ReturnType<Pulling["sim"]["start"]>) => void,
): Promise<Story> {
  const setting = pulling({ choices, faults, maxSteps: 100_000 }, CHUNKS);
  const attempts: Attempted[] = [];
  const wrong = await setting.sim.run(async () => {
    setting.sim.disk.calm = true;
    await makeStore(setting);
    setting.sim.disk.calm = false;
    for (let run = 1; run <= MAX_RUNS; run++) {
      const started = setting.sim.start();
      if (run < MAX_RUNS) trouble(setting, started);
      attempts.push(await pullOnce(started, setting));
      if (attempts.at(-1)?.ended.kind === "done") break;
    }
    const last = attempts.at(-1)?.ended;
    // Whatever it said, it must still be true after a power cut. (Not where an earlier run was stopped without one:
    // the folders of a tag that it made may not be on the medium, and the next run does not sync them again.)
    const earlier = attempts.slice(0, -1);
    const stopped =
      setting.sim.coverage.counts.has("kill") || earlier.some(({ ended }) => ended.kind === "failed");
    if (!stopped) setting.sim.crash();
    return wrongInStore(setting, last?.kind === "done");
  });
  return { attempts, setting, wrong: [...attempts.flatMap(wrongIn), ...wrong] };
}

function traceHash(attempts: readonly Attempted[]): string {
  return sha256(attempts.map(({ trace }) => JSON.stringify(trace)).join("\n"));
}

test("a clean pull of 64 chunks passes the oracle, leaves nothing under way, and needs no milliseconds", async () => {
  const setting = pulling({ choices: 1n });
  const pulled = await setting.sim.run(() => pullOnce(setting.sim.start(), setting));
  expect(pulled.ended).toMatchObject({ kind: "done", value: { sizeBytes: 64 * CHUNK_BYTES, created: true } });
  expect(wrongIn(pulled)).toEqual([]);
  expect(setting.sim.scheduler.pending()).toEqual([]);
  expect(await setting.sim.run(() => wrongInStore(setting, true))).toEqual([]);
});

test("1,000 seeds run twice: the same trace, and the same again from the choices alone", async () => {
  const hashes = new Set<string>();
  for (let seed = 0n; seed < 1000n; seed++) {
    const runs: string[] = [];
    let choices: bigint | readonly Choice[] = seed;
    // Every tenth is run once more, from the list of its choices.
    for (let run = 0; run < (seed % 10n === 0n ? 3 : 2); run++) {
      const setting = pulling({ choices, faults: { net: ROUGH_NET, disk: {} } });
      const pulled = await setting.sim.run(() => pullOnce(setting.sim.start(), setting));
      runs.push(`${traceHash([pulled])} ${setting.sim.fingerprint} ${setting.sim.scheduler.steps}`);
      choices = run === 0 ? seed : setting.sim.choices;
    }
    expect(new Set(runs).size, `seed ${seed}`).toBe(1);
    hashes.add(runs[0] ?? "");
  }
  expect(hashes.size).toBe(1000);
}, 240_000);

test.each([
  ["crashes", NO_FAULTS, "crash"],
  ["kills", NO_FAULTS, "kill"],
  ["a rough network", { net: ROUGH_NET, disk: {} }, "none"],
  ["servers that lie", { net: LYING_NET, disk: {} }, "none"],
  ["a bad disk", { net: {}, disk: DISK }, "none"],
  ["all of it", { net: LYING_NET, disk: DISK }, "crash"],
] as const)("200 seeds with %s: nothing wrong is ever shown", async (_, faults, trouble) => {
  const seen = new Set<string>();
  let done = 0;
  for (let seed = 0n; seed < 200n; seed++) {
    const { attempts, setting, wrong } = await story(seed, faults, ({ sim }, { process }) => {
      if (trouble === "crash") sim.mayCrash(400);
      if (trouble === "kill") sim.mayKill(process, 400);
    });
    expect(wrong, `seed ${seed}`).toEqual([]);
    if (attempts.at(-1)?.ended.kind === "done") done += 1;
    for (const name of setting.sim.coverage.counts.keys()) seen.add(name);
  }
  // Most of them come to their end all the same.
  expect(done).toBeGreaterThan(100);
  if (trouble === "crash") expect(seen).toContain("crash torn write");
  if (faults.net === LYING_NET)
    expect([...seen]).toEqual(expect.arrayContaining(["net flip", "net etag", "net whole"]));
  if (faults.disk === DISK) expect([...seen]).toEqual(expect.arrayContaining(["disk sync", "disk write"]));
});

test("what was synced before a crash is not fetched again", async () => {
  let resumed = 0;
  for (let seed = 0n; seed < 50n; seed++) {
    const { attempts } = await story(seed, NO_FAULTS, ({ sim }) => sim.mayCrash(200));
    const last = attempts.at(-1)?.ended;
    if (last?.kind === "done" && last.value.resumedBytes > 0) resumed += 1;
  }
  expect(resumed).toBeGreaterThan(5);
});

test("a full disk is refused before the first byte is fetched", async () => {
  const setting = pulling({ choices: 3n, disk: { capacityBytes: 20 * CHUNK_BYTES } }, CHUNKS);
  const pulled = await setting.sim.run(() => pullOnce(setting.sim.start(), setting));
  expect(pulled.ended).toMatchObject({ kind: "failed", error: { fields: { code: "ENOSPC" } } });
  expect(wrongIn(pulled)).toEqual([]);
  expect(setting.sim.disk.usedBytes).toBe(0);
});

test("a cancel at any moment ends cleanly", async () => {
  let stopped = 0;
  for (let seed = 0n; seed < 200n; seed++) {
    const setting = pulling({ choices: seed }, CHUNKS);
    const { sim } = setting;
    const stop = new AbortController();
    const pulled = await sim.run(() => {
      sim.may(250, () => stop.abort(new Error("stop")));
      return pullOnce(sim.start(), setting, stop.signal);
    });
    expect(wrongIn(pulled), `seed ${seed}`).toEqual([]);
    expect(await sim.run(() => wrongInStore(setting, pulled.ended.kind === "done"))).toEqual([]);
    if (pulled.ended.kind === "failed") stopped += 1;
  }
  expect(stopped).toBeGreaterThan(50);
});
