import fc from "fast-check";
import { expect, test } from "vitest";
import { type MinimizedChoice, type RunAgain, TraceMinimizer } from "./minimize.ts";

const key = ({ kind, nth }: MinimizedChoice): string => `${kind} ${nth}`;

/** A run that fails when each of these is there, with at least that value; it makes just the choices it is given. */
function failsWith(needed: readonly MinimizedChoice[]): RunAgain<MinimizedChoice> {
  return (choices) => {
    const values = new Map(choices.map((each) => [key(each), each.value]));
    const fails = needed.every((each) => (values.get(key(each)) ?? 0) >= each.value);
    return Promise.resolve(fails ? choices : null);
  };
}

const choice = fc.record({
  kind: fc.constantFrom("net", "order", "disk"),
  nth: fc.nat({ max: 400 }),
  value: fc.integer({ min: 1, max: 15 }),
});
const choices = fc.uniqueArray(choice, { selector: key, maxLength: 300 });

test("what is needed is found, with the smallest values, and nothing besides", async () => {
  await fc.assert(
    fc.asyncProperty(choices, fc.infiniteStream(fc.nat()), async (all, picks) => {
      const count = Math.min(all.length, 3);
      const chosen = Array.from({ length: count }, () => all[(picks.next().value ?? 0) % all.length]);
      const needed = [
        ...new Map(chosen.flatMap((each) => (each ? [[key(each), each] as const] : []))).values(),
      ];
      const found = await new TraceMinimizer(failsWith(needed)).minimize(all);
      expect(found).toMatchObject({ from: all.length, oneMinimal: true });
      expect(new Set(found?.choices.map((each) => `${key(each)} ${each.value}`))).toEqual(
        new Set(needed.map((each) => `${key(each)} ${each.value}`)),
      );
    }),
    { numRuns: 200 },
  );
});

test("a failure that needs one of several choices keeps one; one that does not come again is null", async () => {
  const all = Array.from({ length: 1000 }, (_, nth) => ({ kind: "order", nth, value: 5 }));
  const any: RunAgain<MinimizedChoice> = (some) => Promise.resolve(some.length > 0 ? some : null);
  expect((await new TraceMinimizer(any).minimize(all))?.choices).toHaveLength(1);
  expect(await new TraceMinimizer<MinimizedChoice>(() => Promise.resolve(null)).minimize(all)).toBeNull();
  const always: RunAgain<MinimizedChoice> = () => Promise.resolve([]);
  expect(await new TraceMinimizer(always).minimize(all)).toMatchObject({ choices: [], runs: 2 });
});

test("the number of runs is bounded, and the result says that it was", async () => {
  const all = Array.from({ length: 100 }, (_, nth) => ({ kind: "net", nth, value: 1 }));
  const found = await new TraceMinimizer(failsWith(all), { maxRuns: 20 }).minimize(all);
  expect(found).toMatchObject({ runs: 20, oneMinimal: false });
  expect(found?.choices).toHaveLength(100);
});
