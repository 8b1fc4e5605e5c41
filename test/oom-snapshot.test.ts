import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stackText } from "../src/oom/snapshot/frames.ts";
import { needs } from "./support/needs.ts";
import { madeByPython, peaksByPython } from "./support/oom/oracle.ts";
import { factsOf } from "./support/oom/read.ts";

const MOSAIC = join("test", "fixtures", "oom", "mosaic-synthetic.pickle");

test("peaks and holders are those that a replay in Python finds, in two passes and with whole lists", (context) => {
  needs(context, "python3");
  const cases = [...madeByPython()].filter(([name]) =>
    /^(?:requested|history|late|reserved|traces|torch)/.test(name),
  );
  const files = new Map([...cases, [MOSAIC, readFileSync(MOSAIC)] as const]);
  const expected = peaksByPython(files);
  expect(files.size).toBeGreaterThan(50);
  let compared = 0;
  for (const [index, [name, bytes]] of [...files].entries()) {
    const facts = factsOf(bytes).filter(({ events }) => events > 0);
    const seen = facts.map((each) => ({
      device: each.device,
      allocated: each.peakAllocatedBytes,
      reserved: each.peakReservedBytes,
      holders: each.holders.slice(0, 5).map(({ bytes: held }) => held),
    }));
    expect({ name, seen }).toEqual({ name, seen: expected[index] });
    compared += seen.length;
  }
  expect(compared).toBeGreaterThan(50);
});

test("the synthetic snapshot of mosaic: figures that were worked out apart", () => {
  const [facts, ...others] = factsOf(readFileSync(MOSAIC));
  expect(others).toEqual([]);
  expect(facts).toMatchObject({
    device: 0,
    peakAllocatedBytes: 2_255_398_598,
    peakReservedBytes: 262_144_000,
    events: 1040,
    timed: true,
    oom: null,
    odd: 0,
    sizes: "requested",
    peakFrom: "replayed trace",
  });
  expect(stackText(facts?.holders[0]?.frames ?? null)).toEqual([
    "/path/to/baz.py:969 foo",
    "/path/to/foo.py:1483 bar",
  ]);
});
