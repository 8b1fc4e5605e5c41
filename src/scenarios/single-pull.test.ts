import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { runScenario } from "./run.ts";
import { singlePull } from "./single-pull.ts";
import { wholeTrace } from "./trace.ts";

const sha256 = (data: string | Uint8Array): string => hash("sha256", data, "hex");

test("200 seeds: nothing is broken, and the choices alone give the same run", async () => {
  let done = 0;
  for (let seed = 0n; seed < 200n; seed++) {
    const run = await runScenario(singlePull, seed, { sha256, params: { chunks: 16 } });
    expect(run.violations, `seed ${seed}`).toEqual([]);
    const again = await runScenario(singlePull, run.choices, { sha256, params: { chunks: 16 } });
    expect(again.fingerprint, `seed ${seed}`).toBe(run.fingerprint);
    expect(wholeTrace(again.traces)).toEqual(wholeTrace(run.traces));
    if (run.traces[0]?.events.some(({ kind }) => kind === "published") === true) done += 1;
  }
  // Most of them come to their end all the same.
  expect(done).toBeGreaterThan(100);
});

test("a parameter that a scenario does not have is refused", async () => {
  await expect(runScenario(singlePull, 1n, { sha256, params: { cunks: 1 } })).rejects.toThrow("no parameter");
});
