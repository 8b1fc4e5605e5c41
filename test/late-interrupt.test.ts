// Ctrl-C in the last moments of a command: either it is done and says so, or nothing is there.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startApr } from "./support/cli.ts";
import { tinyGguf } from "./support/gguf.ts";
import { tempDir } from "./support/temp.ts";

const LIMIT_MS = 120_000;
/** Clean runs whose times say where the end is. */
const CLEAN_RUNS = 7;
/** Signals between these parts of the usual time, in this many steps: a slow machine stretches it all. */
const FROM_PART = 0.55;
const TO_PART = 1.15;
const STEPS = 60;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly ms: number;
  readonly tag: boolean;
}

/** Imports into a store of its own; with `afterMs` it gets SIGINT that long after its start, if it still runs. */
async function importing(model: string, store: string, afterMs?: number): Promise<Ended> {
  const startMs = performance.now();
  const { child, result } = startApr(["import", model, "--as", "tiny"], { env: { APR_MODELS: store } });
  let endMs = startMs;
  child.once("exit", () => {
    endMs = performance.now();
  });
  const timer = afterMs === undefined ? undefined : setTimeout(() => child.kill("SIGINT"), afterMs);
  const { code, signal, stdout } = await result;
  clearTimeout(timer);
  const tag = filesIn(join(store, "manifests")) > 0;
  return { code, signal, stdout, ms: endMs - startMs, tag };
}

function filesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .length;
}

test("SIGINT around the end of apr import: exit 0 with the tag, or 130 with nothing", {
  timeout: LIMIT_MS,
}, async () => {
  const folder = tempDir();
  const model = join(folder, "tiny.gguf");
  writeFileSync(model, tinyGguf(1024 * 1024));
  const times: number[] = [];
  for (let run = 0; run < CLEAN_RUNS; run++) {
    const clean = await importing(model, `${folder}/clean-${run}`);
    expect(clean).toMatchObject({ code: 0, tag: true });
    times.push(clean.ms);
  }
  const usualMs = times.toSorted((a, b) => a - b)[Math.floor(CLEAN_RUNS / 2)] ?? 0;
  const seen = { done: 0, interrupted: 0 };
  const wrong: string[] = [];
  for (let step = 0; step <= STEPS; step++) {
    const afterMs = usualMs * (FROM_PART + ((TO_PART - FROM_PART) * step) / STEPS);
    const { code, signal, stdout, tag } = await importing(model, `${folder}/step-${step}`, afterMs);
    const done = code === 0 && tag && stdout.includes("tiny");
    const interrupted = (code === 130 || signal === "SIGINT") && !tag && stdout === "";
    if (done) seen.done++;
    else if (interrupted) seen.interrupted++;
    else wrong.push(`${afterMs} ms: ${JSON.stringify({ code, signal, tag, stdout })}`);
  }
  expect(wrong).toEqual([]);
  expect(seen.done, JSON.stringify({ usualMs, ...seen })).toBeGreaterThan(0);
  expect(seen.interrupted, JSON.stringify({ usualMs, ...seen })).toBeGreaterThan(0);
});
