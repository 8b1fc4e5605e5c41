import { expect, test } from "vitest";
import { standInDigest } from "../../sim/stand-in.ts";
import { Sim, type SimWorld } from "../../sim/sim.ts";
import { JOURNAL_MS } from "../limits.ts";
import { Journal, readJournal } from "./journal.ts";
import type { JournalRecord } from "./record.ts";

const KEY = `sha256-${"a".repeat(64)}`;
const PATH = "/journal";
/** Longer than a write takes, and shorter than a record waits. */
const MOMENT_MS = 10;

function chunk(index: number): JournalRecord {
  return { kind: "chunk", key: KEY, index, source: "a" };
}

async function inSim(
  faults: { readonly write?: number },
  play: (world: SimWorld, journal: Journal, lines: () => Promise<number>) => Promise<void>,
): Promise<void> {
  const sim = new Sim({ choices: 1n, sha256: standInDigest, faults: { net: {}, disk: faults } });
  await sim.run(async () => {
    const { world } = sim.start();
    const { journal } = await Journal.open(world, PATH, () => undefined);
    await play(world, journal, async () => (await readJournal(world, PATH)).last.n);
  });
}

test("three chunks that come within a moment are one write; after a while each is written at once", () =>
  inSim({}, async ({ timers }, journal, lines) => {
    const add = async (index: number): Promise<number> => {
      journal.append(chunk(index));
      journal.flushSoon();
      await timers.sleep(MOMENT_MS);
      return lines();
    };
    // Nothing was written before the first.
    expect(await add(0)).toBe(1);
    expect([await add(1), await add(2), await add(3)]).toEqual([1, 1, 4]);
    await timers.sleep(JOURNAL_MS);
    expect(await add(4)).toBe(5);
  }));

test("a flush writes whatever waits, also while another write is under way", () =>
  inSim({}, async (_world, journal, lines) => {
    journal.append(chunk(0));
    journal.flushSoon();
    journal.append(chunk(1));
    await Promise.all([journal.flush(), journal.sync()]);
    expect(await lines()).toBe(2);
    journal.append(chunk(2));
    await journal.close();
    expect(await lines()).toBe(3);
  }));

test("after a write that failed nothing is written, and every flush says so", () =>
  inSim({ write: 1 }, async ({ timers }, journal, lines) => {
    journal.append(chunk(0));
    journal.flushSoon();
    await timers.sleep(MOMENT_MS);
    await expect(journal.flush()).rejects.toThrow("EIO");
    journal.append(chunk(1));
    await expect(journal.sync()).rejects.toThrow("EIO");
    expect(await lines()).toBe(0);
  }));

test("a discarded journal says nothing, also where a later write comes behind its end", () =>
  inSim({}, async (_, journal, lines) => {
    journal.append(chunk(0));
    await journal.sync();
    expect(await lines()).toBe(1);
    journal.append(chunk(1));
    await journal.discard();
    expect(await lines()).toBe(0);
    await journal.close();
    expect(await lines()).toBe(0);
  }));
