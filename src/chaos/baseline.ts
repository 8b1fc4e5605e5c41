import { sameContent } from "../observe/content.ts";
import type { BaselineReport } from "../contracts/chaos-report.ts";
import { type Attempt, attempt, type Bench } from "./attempt.ts";
import { largestPeak } from "./faults/memory-budget.ts";
import type { Baseline } from "./lab.ts";
import type { Slot } from "./slot.ts";

const STDERR_TAIL = 4000;

/** Two clean runs, or one when the first already failed. */
export async function measureBaseline(bench: Bench, slot: Slot, timeoutMs: number): Promise<Baseline> {
  const first = await cleanRun(bench, slot, timeoutMs);
  if (first.run.exitCode !== 0) return baselineOf(first, null);
  return baselineOf(first, await cleanRun(bench, slot, timeoutMs));
}

async function cleanRun(bench: Bench, slot: Slot, timeoutMs: number): Promise<Attempt> {
  await slot.reset();
  return attempt(bench, slot, { timeoutMs, sampleMemory: true });
}

function baselineOf(first: Attempt, second: Attempt | null): Baseline {
  const deterministic =
    first.output === null || second === null || second.output === null
      ? null
      : sameContent(first.output, second.output);
  const names = new Set(first.strays);
  const again = new Set(second?.strays);
  const changing =
    second === null ? [] : [...names, ...again].filter((path) => !(names.has(path) && again.has(path)));
  return {
    first,
    run: first.run,
    output: first.output,
    deterministic,
    strays: new Set([...names, ...again]),
    messyFolders: new Set(changing.map((path) => path.slice(0, Math.max(0, path.lastIndexOf("/"))))),
  };
}

export function baselineReport(baseline: Baseline): BaselineReport {
  const { run, output, deterministic } = baseline;
  const peak = largestPeak(run);
  return {
    exit_code: run.exitCode,
    duration_ms: Math.round(run.durationMs * 10) / 10,
    peak_rss_bytes: peak?.bytes ?? null,
    peak_rss_method: peak?.method ?? null,
    peak_tree_bytes: run.memory === null ? null : Math.max(run.memory.treeBytes, peak?.bytes ?? 0),
    peak_tree_method: run.memory === null ? null : "sampled-pss",
    deterministic,
    output_bytes: output === null ? null : output.size_bytes,
    stderr: run.stderr.text.slice(-STDERR_TAIL),
  };
}
