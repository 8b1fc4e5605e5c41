import { expect, test } from "vitest";
import type { ProcessFacts } from "../world/processes.ts";
import { Members } from "./members.ts";

const MIB = 2 ** 20;

/** A table of processes, as /proc would show it. */
function machine() {
  const table = new Map<number, ProcessFacts>();
  let looks = 0;
  const put = (pid: number, parent: number, rssBytes = MIB, zombie = false): void => {
    table.set(pid, {
      name: `p${pid}`,
      zombie,
      parent,
      threads: 1,
      rssBytes,
      peakRssBytes: rssBytes,
      peakVirtualBytes: 2 * rssBytes,
    });
  };
  const processes = {
    facts: (pid: number) => {
      looks += 1;
      return table.get(pid);
    },
    children: (pid: number) => [...table].filter(([, { parent }]) => parent === pid).map(([child]) => child),
    commandLine: (pid: number) => [`/bin/p${pid}`],
    all: () => [...table.keys()],
  };
  return { table, put, processes, looks: () => looks };
}

test("a child that leaves its parent stays; a dead one is kept as dead, once, even while nobody waits for it", () => {
  const { table, put, processes } = machine();
  put(1, 0);
  put(10, 1);
  put(11, 10, 40 * MIB);
  put(99, 1, 900 * MIB);
  const members = new Members(processes, 10);
  members.discover();
  expect(members.measure()).toMatchObject({
    sumBytes: 41 * MIB,
    large: [11],
    smallBytes: MIB,
    largest: { pid: 11 },
  });
  put(11, 1, 50 * MIB);
  put(12, 10, 0, true);
  for (let round = 0; round < 3; round++) {
    members.discover();
    expect(members.measure().sumBytes).toBe(51 * MIB);
  }
  table.delete(10);
  members.measure();
  expect(members.seen().map(({ pid, alive }) => [pid, alive])).toEqual([
    [10, false],
    [12, false],
    [11, true],
  ]);
});

test("of 500 processes all are found and counted, but few are looked at in one turn", () => {
  const { put, processes, looks } = machine();
  put(10, 1);
  for (let pid = 1000; pid < 1200; pid++) put(pid, 1, 500 * MIB);
  for (let pid = 20; pid < 520; pid++) put(pid, pid % 7 === 0 && pid > 30 ? pid - 10 : 10);
  const members = new Members(processes, 10);
  for (let round = 0; round < 3; round++) members.discover();
  expect(members.measure().sumBytes).toBe(501 * MIB);
  const before = looks();
  members.discover();
  expect(members.measure().sumBytes).toBe(501 * MIB);
  expect(looks() - before).toBeLessThan(100);
  // One that grows is noticed within eight turns, one that is new in the next.
  put(300, 10, 64 * MIB);
  put(600, 300, 32 * MIB);
  members.discover();
  for (let turn = 0; turn < 8; turn++) members.measure();
  expect(members.measure().sumBytes).toBe((500 + 64 + 32) * MIB);
});
