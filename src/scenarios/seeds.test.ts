import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSeed, parseSeeds, parseShard, seedAt, seedCount } from "./seeds.ts";

test.each([
  ["0", 0n],
  ["18446744073709551615", 2n ** 64n - 1n],
  ["0xff", 255n],
])("seed %s", (text, seed) => {
  expect(parseSeed(text)).toBe(seed);
});

test.each(["", "-1", "1.5", "1e3", "18446744073709551616", "0x", "0x10000000000000000", " 1", "x"])(
  "no seed: %j",
  (text) => {
    expect(() => parseSeed(text)).toThrow("not a seed");
  },
);

test.each(["", "1", "1..", "..1", "2..1", "1..2..3", "a..b"])("no range: %j", (text) => {
  expect(() => parseSeeds(text)).toThrow(/range of seeds|not a seed/);
});

test.each(["", "1/1", "4/4", "0/0", "-1/2", "1", "1/x", "0/10000000"])("no shard: %j", (text) => {
  expect(() => parseShard(text)).toThrow("not a shard");
});

test("the shards of a range have every seed of it, once", () => {
  const range = fc.tuple(fc.bigInt(0n, 2n ** 64n - 200n), fc.bigInt(0n, 150n));
  fc.assert(
    fc.property(range, fc.integer({ min: 1, max: 40 }), ([from, more], of) => {
      const seeds = { from, to: from + more };
      const all: bigint[] = [];
      for (let index = 0; index < of; index++) {
        const count = seedCount(seeds, { index, of });
        for (let nth = 0n; nth < count; nth++) all.push(seedAt(seeds, { index, of }, nth));
      }
      const sorted = all.sort((a, b) => (a < b ? -1 : 1));
      expect(sorted).toEqual(Array.from({ length: Number(more) + 1 }, (_, nth) => from + BigInt(nth)));
    }),
  );
});
