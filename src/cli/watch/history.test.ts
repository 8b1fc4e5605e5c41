import { expect, test } from "vitest";
import { History, runKey, transferKey } from "./history.ts";
import type { Look } from "./look.ts";
import { lookText } from "./text.ts";

const MIB = 1024 * 1024;

function lookAt(atMs: number, haveBytes: number | null, memoryBytes: number | null): Look {
  const transfer: Omit<Look["transfers"][number], "haveBytes"> = {
    ...{ kind: "pull", id: "3f9c2b7a10de0000", ref: "r", from: [], tag: "m:1", place: null, live: true },
    totalBytes: 100 * MIB,
  };
  return {
    atMs,
    transfers: haveBytes === null ? [] : [{ ...transfer, haveBytes }],
    runs:
      memoryBytes === null ? [] : [{ pid: 7, command: "run", program: "python3", processes: 2, memoryBytes }],
  };
}

test("a rate needs two looks, and what has gone is forgotten", () => {
  const history = new History();
  history.add(lookAt(0, 10 * MIB, 5));
  expect(history.of(transferKey("3f9c2b7a10de0000")).perSecond).toBeNull();
  history.add(lookAt(2000, 30 * MIB, 9));
  expect(history.of(transferKey("3f9c2b7a10de0000")).perSecond).toBe(10 * MIB);
  expect(history.of(runKey(7)).values).toEqual([5, 9]);
  history.add(lookAt(3000, null, null));
  expect(history.of(runKey(7))).toEqual({ values: [], perSecond: null });
});

test("the last sixty looks are kept, and the rate is of the last ten", () => {
  const history = new History();
  for (let at = 0; at < 200; at++) history.add(lookAt(at * 1000, at < 150 ? 0 : (at - 150) * MIB, at));
  expect(history.of(runKey(7)).values).toHaveLength(60);
  expect(history.of(transferKey("3f9c2b7a10de0000")).perSecond).toBe(MIB);
});

test("the text shows how far, how fast and how long, and memory as a line", () => {
  const history = new History();
  history.add(lookAt(0, 30 * MIB, 10 * MIB));
  const last = lookAt(1000, 50 * MIB, 40 * MIB);
  history.add(last);
  const text = lookText(last, history, 100);
  expect(text).toContain("3f9c2b7a  m:1  ██████░░░░░░  50 MiB  100 MiB  20 MiB/s  3 s");
  expect(text).toMatch(/7 {2}run {6}python3 +2 {2}40 MiB {2}▃█/);
});

test("nothing going on is said", () => {
  expect(lookText(lookAt(0, null, null), new History(), 80)).toBe(
    "  no transfers\n\n  nothing else is running\n",
  );
});
