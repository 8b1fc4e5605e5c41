import { expect, test } from "vitest";
import { Chooser, kindNumber, Odds } from "./choices.ts";
import { Prng } from "./prng.ts";

const ORDER = kindNumber("order");
const NET = kindNumber("net");

test("the same seed gives the same numbers, another one others, all over the range", () => {
  const draw = (seed: bigint): number[] => {
    const prng = new Prng(seed);
    return Array.from({ length: 1000 }, () => prng.below(10));
  };
  expect(draw(5n)).toEqual(draw(5n));
  expect(draw(5n)).not.toEqual(draw(6n));
  expect(draw(0n)).not.toEqual(draw(1n << 63n));
  const counts = new Map<number, number>();
  for (const each of draw(2n ** 64n - 1n)) counts.set(each, (counts.get(each) ?? 0) + 1);
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(Math.min(...counts.values())).toBeGreaterThan(50);
});

/** Asks for 300 decisions of two kinds. */
function ask(chooser: Chooser): number[] {
  const odds = new Odds([0.1, 0.2]);
  return Array.from({ length: 300 }, (_, index) =>
    index % 3 === 0 ? chooser.among(NET, odds) : chooser.below(ORDER, 16),
  );
}

test("a run from its list of choices is the same run", () => {
  const first = new Chooser(9n);
  const values = ask(first);
  const again = new Chooser(first.list());
  expect(ask(again)).toEqual(values);
  expect(again.list()).toEqual(first.list());
  expect(first.list().every(({ value }) => value > 0)).toBe(true);
});

test("a choice that is left out is 0, and shifts no other", () => {
  const first = new Chooser(9n);
  const values = ask(first);
  const [gone, ...left] = first.list();
  const without = ask(new Chooser(left));
  const differing = values.flatMap((value, index) => (value === without[index] ? [] : [index]));
  expect(differing).toHaveLength(1);
  expect(values[differing[0] ?? 0]).toBe(gone?.value);
  expect(without[differing[0] ?? 0]).toBe(0);
  expect(ask(new Chooser([]))).toEqual(values.map(() => 0));
});

test("a value beyond the alternatives is the last of them", () => {
  expect(new Chooser([{ kind: "order", nth: 0, value: 99, count: 100 }]).below(ORDER, 4)).toBe(3);
});

test("odds are what they say", () => {
  const chooser = new Chooser(1n);
  const odds = new Odds([0.1, 0, 0.2]);
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 10_000; index++) {
    const value = chooser.among(NET, odds);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  expect(counts[2]).toBe(0);
  expect(counts[1]).toBeGreaterThan(850);
  expect(counts[3]).toBeGreaterThan(1800);
  expect(new Odds([0, 0]).never).toBe(true);
  expect(() => new Odds([0.7, 0.7])).toThrow(RangeError);
});
