import { expect, test } from "vitest";
import { stress } from "./support/stress.ts";
import { tempDir } from "./support/temp.ts";

/** The suite takes a short one; bench/store-stress.mjs asks for 30 s. */
const MS = Number(process.env["APR_STRESS_MS"] ?? 8000);
const SEED = Number(process.env["APR_STRESS_SEED"] ?? 1);

test("eight processes in one store lose nothing and leave nothing dangling", {
  timeout: MS + 110_000,
}, async () => {
  const { counts, unexpected, problems } = await stress(tempDir(), 8, MS, SEED);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `stress: ${total} commands in ${MS / 1000} s (seed ${SEED}) ${JSON.stringify(counts)}\n`,
  );
  expect(problems).toEqual([]);
  expect(unexpected).toEqual([]);
  expect(total).toBeGreaterThan(50);
});
