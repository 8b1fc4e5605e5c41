import { expect, test } from "vitest";
import { mergeSweeps, readSweep, seedsLeft, type SweepDocument, sweepDocument } from "./sweep-file.ts";
import { MAX_FAILURES, NO_TALLY, type Tally } from "./tally.ts";

const SEEDS = { from: 0n, to: 9n };

function shard(index: number, more: Partial<Tally> = {}, of = 2): SweepDocument {
  const tally: Tally = {
    ...NO_TALLY,
    ...{ seeds: 5, steps: 100, coverage: { kill: 2 }, states: { "kill @ commit": 1 } },
    ...more,
  };
  return sweepDocument("1.2.3", SEEDS, { index, of }, [{ scenario: "resume", params: { chunks: 2 }, tally }]);
}

function merged(...documents: readonly SweepDocument[]): SweepDocument {
  return mergeSweeps(documents.map((document, index) => [`f${index}`, document]));
}

test("shards in any order make the same whole", () => {
  const failure = { seed: "3", type: "lost", detail: "gone" };
  const [one, two] = [
    shard(0),
    shard(1, { violated: 1, failures: [failure], coverage: { kill: 1, crash: 4 } }),
  ];
  expect(merged(one, two)).toEqual(merged(two, one));
  const [whole] = merged(one, two).scenarios;
  expect(whole?.tally).toEqual({
    ...{ seeds: 10, steps: 200, violated: 1, failures: [failure] },
    ...{ coverage: { crash: 4, kill: 3 }, states: { "kill @ commit": 2 } },
  });
  expect(seedsLeft(merged(one, two))).toBe(0n);
  expect(seedsLeft(one)).toBe(5n);
});

test("of many failures those of the lowest seeds are kept, and all are counted", () => {
  const failures = (from: number) =>
    Array.from({ length: MAX_FAILURES }, (_, nth) => ({
      seed: String(from + 2 * nth),
      type: "t",
      detail: "",
    }));
  const of = (index: number) => shard(index, { violated: 150, failures: failures(index) });
  const [whole] = merged(of(0), of(1)).scenarios;
  expect(whole?.tally.violated).toBe(300);
  expect(whole?.tally.failures.map(({ seed }) => Number(seed))).toEqual(
    Array.from({ length: MAX_FAILURES }, (_, n) => n),
  );
});

test.each([
  ["the same shard twice", shard(0), "shard 0/2 is there already"],
  ["another number of shards", shard(1, {}, 3), "number of shards"],
  ["another version", { ...shard(1), apr_version: "9" }, "version of apr"],
  ["other seeds", { ...shard(1), seeds: { from: "0", to: "8" } }, "seeds"],
  ["another scenario", { ...shard(1), scenarios: [] }, "scenarios"],
])("%s is refused, and the file is named", (_, other, why) => {
  expect(() => merged(shard(0), other)).toThrow(why);
  expect(() => merged(shard(0), other)).toThrow("f1 cannot be merged");
});

test("a file is read back as it was written", () => {
  const document = shard(1, {
    violated: 1,
    failures: [{ seed: "18446744073709551615", type: "t", detail: '"\n\u0000' }],
  });
  expect(readSweep("f", JSON.stringify(document))).toEqual(document);
});

test.each<readonly [string, (root: Record<string, unknown>) => unknown]>([
  ["another kind", (root) => ({ ...root, kind: "x" })],
  ["another schema", (root) => ({ ...root, schema_version: 2 })],
  ["a shard beyond", (root) => ({ ...root, shards: { of: 1, in: [1] } })],
  ["a shard twice", (root) => ({ ...root, shards: { of: 2, in: [0, 0] } })],
  ["no seed", (root) => ({ ...root, seeds: { from: "0x1", to: "2" } })],
  ["a range that ends before", (root) => ({ ...root, seeds: { from: "3", to: "2" } })],
  [
    "counts that are none",
    (root) => ({ ...root, scenarios: [{ scenario: "a", params: {}, tally: { ...NO_TALLY, seeds: -1 } }] }),
  ],
  ["a list", () => []],
  ["nothing", () => null],
])("%s is no sweep file", (_, change) => {
  const text = JSON.stringify(change(JSON.parse(JSON.stringify(shard(0))) as Record<string, unknown>));
  expect(() => readSweep("f", text)).toThrow("f is no sweep file");
});
