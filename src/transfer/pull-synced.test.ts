import { expect, test } from "vitest";
import { makeStore, pulling, pullOnce, STORE } from "../../test/support/sim/pulling.ts";
import { parseRef } from "../store/ref.ts";
import { openOrMakeStore } from "../store/store.ts";
import { readTag } from "../store/tags.ts";
import { blobPath } from "../store/layout.ts";
import { NO_RECORD, encodeRecord, type JournalRecord } from "./journal/record.ts";
import { replayJournal } from "./journal/replay.ts";
import { nodeHash } from "../world/node/hash.ts";

// What counts as being on the medium, where several runs and several starts of the machine had a hand in it.

const CHUNKS = 24;

/**
 * A run whose syncs fail from this step on and which is killed a few steps later; another one, to its end; a power
 * cut. Gives whether a sync failed, and the digest of the blob's bytes as they are then.
 */
async function killedAsSyncFails(failAt: number, steps: number): Promise<{ failed: boolean; hex: string }> {
  const setting = pulling({ choices: 7n, faults: { net: {}, disk: { sync: 1 } } }, CHUNKS);
  const { sim } = setting;
  return sim.run(async () => {
    sim.disk.calm = true;
    await makeStore(setting);
    const first = sim.start();
    const begin = sim.scheduler.steps;
    sim.scheduler.beforeStep = (step) => {
      if (step - begin === failAt) sim.disk.calm = false;
      if (step - begin !== failAt + steps) return false;
      sim.disk.calm = true;
      sim.scheduler.beforeStep = null;
      first.process.kill();
      return true;
    };
    await pullOnce(first, setting);
    sim.scheduler.beforeStep = null;
    sim.disk.calm = true;
    const { ended } = await pullOnce(sim.start(), setting);
    expect(ended.kind).toBe("done");
    sim.crash();
    const { world } = sim.start();
    const store = await openOrMakeStore(world, STORE);
    expect(await readTag(store, parseRef("m:1"))).toMatchObject({ kind: "tag" });
    const { hex } = await world.hash.file(blobPath(store.root, `sha256:${setting.hex}`));
    return { failed: sim.coverage.counts.has("disk sync"), hex: hex === setting.hex ? "right" : hex };
  });
}

test("a sync that fails as its process is killed is not taken for done by the next run", async () => {
  let failed = 0;
  const wrong: string[] = [];
  for (let failAt = 20; failAt < 220; failAt++) {
    for (const steps of [1, 2, 3]) {
      const seen = await killedAsSyncFails(failAt, steps);
      failed += Number(seen.failed);
      if (seen.hex !== "right") wrong.push(`step ${failAt}, killed ${steps} later`);
    }
  }
  expect(wrong).toEqual([]);
  expect(failed).toBeGreaterThan(10);
}, 60_000);

const KEY = `sha256-${"a".repeat(64)}`;

function journalOf(...records: readonly JournalRecord[]): Uint8Array {
  let [text, prev] = ["", NO_RECORD];
  for (const [index, record] of records.entries()) {
    const { line, hash } = encodeRecord(nodeHash, index + 1, prev, record);
    text += `${line}\n`;
    prev = hash;
  }
  return Buffer.from(text, "utf8");
}

function have(bootId: string, ...records: readonly JournalRecord[]): number[] {
  return [
    ...(replayJournal(nodeHash, journalOf(...records), bootId)
      .blobs.get(KEY)
      ?.have.keys() ?? []),
  ];
}

const blob: JournalRecord = { kind: "blob", key: KEY, size: 10, chunk: 2 };
const session = (boot: string): JournalRecord => ({ kind: "session", boot });
const chunk = (index: number): JournalRecord => ({ kind: "chunk", key: KEY, index, source: "a" });
const sync = (upto: number): JournalRecord => ({ kind: "sync", upto });

test("what a power cut took is not covered by a sync of a later start", () => {
  const lines = [session("one"), blob, chunk(0), sync(3), chunk(1), session("two"), chunk(2), sync(7)];
  expect(have("two", ...lines)).toEqual([0, 2]);
  expect(have("three", ...lines)).toEqual([0, 2]);
});

test("within one start of the machine it is, and what no sync covers counts in that start alone", () => {
  const lines = [session("one"), blob, chunk(0), session("one"), chunk(1), sync(5), chunk(2)];
  expect(have("one", ...lines)).toEqual([0, 1, 2]);
  expect(have("two", ...lines)).toEqual([0, 1]);
  const replayed = replayJournal(nodeHash, journalOf(...lines), "one").blobs.get(KEY);
  expect(replayed?.unsynced).toEqual([2]);
});

test("where a start of the machine has no name, each run begins a new one", () => {
  expect(have("", session(""), blob, chunk(0), session(""), sync(4))).toEqual([]);
});
