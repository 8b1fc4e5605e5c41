import { stringifyJson } from "../../base/json.ts";
import type { SweepCounts, SweepFinding, SweepFurther, SweepReport } from "../../contracts/sweep-report.ts";
import type { Reason, VerdictWord } from "../../contracts/types.ts";
import type { CleanRuns } from "./baseline.ts";
import type { Result } from "./findings.ts";
import type { SweepOptions } from "./options.ts";
import type { Stage } from "./stage.ts";
import type { Task } from "./task.ts";

const MAX_UNREACHED = 1000;
const MAX_PASSED = 10_000;
const MAX_UNCLEAR = 1000;
const STDERR_TAIL = 4000;
const EXIT_OF: Readonly<Record<VerdictWord, number>> = { pass: 0, fail: 5, inconclusive: 6 };

/** What a sweep found, put together. */
export function reportOf(parts: {
  readonly options: SweepOptions;
  readonly stage: Stage;
  readonly clean: CleanRuns;
  readonly tasks: readonly Task[];
  readonly results: readonly Result[];
  readonly findings: readonly SweepFinding[];
  readonly times: Pick<SweepReport, "sweep_ms" | "duration_ms" | "runs">;
}): SweepReport {
  const { options, stage, clean, tasks, results, findings, times } = parts;
  const { model, slots } = stage.sandbox;
  const counts = countsOf(tasks, results);
  const baseline = baselineOf(clean);
  const blind = stage.blind;
  const verdict = verdictOf(counts, baseline.exit_code === 0, blind, findings);
  return {
    schema_version: 1,
    command: options.command,
    verdict,
    model: model === null ? null : { path: model.path, bytes: model.bytes },
    sandbox: {
      confined: slots[0]?.cell.confined ?? false,
      notes: slots[0]?.cell.notes ?? [],
    },
    baseline,
    blind,
    counts,
    unreached: pointsOf(results, "not_reached").slice(0, MAX_UNREACHED),
    passed_points: pointsOf(results, "passed").slice(0, MAX_PASSED),
    unclear_points: pointsOf(results, "inconclusive").slice(0, MAX_UNCLEAR),
    further: furtherOf(tasks, results),
    findings,
    setup: stage.reproduction.setup,
    inconclusive: reasonsOf(results),
    shard: options.shard,
    sample: options.sample,
    budget_ms: options.budgetMs,
    ...times,
    packs: {},
    exit_code: EXIT_OF[verdict],
  };
}

function baselineOf({ clean, first, exitCode }: CleanRuns): SweepReport["baseline"] {
  return {
    exit_code: exitCode,
    duration_ms: Math.round(clean.durationMs * 10) / 10,
    deterministic: clean.deterministic,
    output_bytes: clean.output?.size_bytes ?? null,
    stdout_bytes: clean.stdout.sizeBytes,
    stderr: first.run.stderr.text.slice(-STDERR_TAIL),
  };
}

function countsOf(tasks: readonly Task[], results: readonly Result[]): SweepCounts {
  const kinds = results.map(({ trial }) => kindOf(trial));
  const count = (kind: ReturnType<typeof kindOf>): number => kinds.filter((each) => each === kind).length;
  return {
    total: tasks.length,
    passed: count("passed"),
    failed: count("failed"),
    inconclusive: count("inconclusive"),
    not_reached: count("not_reached"),
    not_tried: tasks.length - results.length,
  };
}

function pointsOf(results: readonly Result[], kind: ReturnType<typeof kindOf>): string[] {
  return results.filter(({ trial }) => kindOf(trial) === kind).map(({ task }) => task.id);
}

function kindOf(trial: Result["trial"]): "passed" | "failed" | "inconclusive" | "not_reached" {
  // A loader that failed never came to the command.
  if (trial.proof === null || trial.unclear?.code === "loader-error") return "not_reached";
  if (trial.failures.length > 0) return "failed";
  return trial.unclear === null ? "passed" : "inconclusive";
}

/** A sweep passes when some fault fired and every one that fired could be judged; what was left out is counted only. */
export function verdictOf(
  counts: SweepCounts,
  cleanRunWorks: boolean,
  blind: Reason | null,
  findings: readonly Pick<SweepFinding, "known">[],
): VerdictWord {
  if (findings.some(({ known }) => known === null)) return "fail";
  if (!cleanRunWorks || blind !== null) return "inconclusive";
  return counts.inconclusive === 0 && counts.passed + counts.failed > 0 ? "pass" : "inconclusive";
}

function furtherOf(tasks: readonly Task[], results: readonly Result[]): SweepFurther[] {
  const names = [...new Set(tasks.flatMap(({ further }) => (further === null ? [] : [further])))];
  return names.map((name) => {
    const mine = results.filter(({ task }) => task.further === name);
    const failed = mine.filter(({ trial }) => kindOf(trial) === "failed").length;
    const passed = mine.some(({ trial }) => kindOf(trial) === "passed");
    const reasons = mine.flatMap(({ trial }) => (trial.unclear === null ? [] : [trial.unclear]));
    const verdict = failed > 0 ? "fail" : passed ? "pass" : "inconclusive";
    const title = tasks.find(({ further }) => further === name)?.fault ?? name;
    return { name, title, verdict, tried: mine.length, failed, reasons: distinct(reasons) };
  });
}

function distinct(reasons: readonly Reason[]): Reason[] {
  return [...new Map(reasons.map((reason) => [stringifyJson(reason), reason])).values()];
}

function reasonsOf(results: readonly Result[]): SweepReport["inconclusive"] {
  const found = new Map<string, { reason: Reason; points: number }>();
  for (const { trial } of results) {
    if (trial.unclear === null || kindOf(trial) !== "inconclusive") continue;
    const key = stringifyJson(trial.unclear);
    const entry = found.get(key) ?? { reason: trial.unclear, points: 0 };
    entry.points++;
    found.set(key, entry);
  }
  return [...found.values()].sort((a, b) => b.points - a.points);
}
