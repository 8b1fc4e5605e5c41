import { AprError } from "../../base/errors.ts";
import { SWEEP_CLASSES } from "../../contracts/sweep-classes.ts";
import type { SweepCounts, SweepFinding, SweepFurther, SweepReport } from "../../contracts/sweep-report.ts";
import { whereText } from "./findings.ts";
import { verdictOf } from "./report.ts";

const EXIT_OF = { pass: 0, fail: 5, inconclusive: 6 } as const;

/** The shards of one sweep as one report. Throws `usage` when they are not shards of the same sweep, or one is missing. */
export function mergeReports(reports: readonly SweepReport[]): SweepReport {
  const [first] = reports;
  if (first === undefined) throw new AprError("usage", "no report to merge");
  checkShards(reports, first);
  const counts = sumCounts(reports, first);
  const findings = mergeFindings(reports);
  const blind = reports.find((each) => each.blind !== null)?.blind ?? null;
  const works = reports.every(({ baseline }) => baseline.exit_code === 0);
  const verdict = verdictOf(counts, works, blind, findings);
  return {
    ...first,
    verdict,
    blind,
    baseline: reports.find(({ baseline }) => baseline.exit_code !== 0)?.baseline ?? first.baseline,
    counts,
    unreached: reports.flatMap(({ unreached }) => unreached),
    passed_points: reports.flatMap(({ passed_points: points }) => points),
    unclear_points: reports.flatMap(({ unclear_points: points }) => points),
    further: mergeFurther(reports),
    findings,
    inconclusive: mergeReasons(reports),
    shard: null,
    duration_ms: Math.max(...reports.map((each) => each.duration_ms)),
    sweep_ms: Math.max(...reports.map((each) => each.sweep_ms)),
    runs: sum(reports, ({ runs }) => runs),
    packs: Object.assign({}, ...reports.map(({ packs }) => packs)) as SweepReport["packs"],
    exit_code: EXIT_OF[verdict],
  };
}

function checkShards(reports: readonly SweepReport[], first: SweepReport): void {
  const count = first.shard?.count ?? 1;
  const indexes = new Set(reports.map(({ shard }) => shard?.index ?? 1));
  const command = JSON.stringify(first.command);
  const alike = reports.every(
    (each) => (each.shard?.count ?? 1) === count && JSON.stringify(each.command) === command,
  );
  if (!alike) {
    throw new AprError("usage", "the reports are not shards of one sweep", {
      hint: "merge reports of the same command with the same number of shards",
    });
  }
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter(
    (index) => !indexes.has(index),
  );
  if (missing.length > 0 || indexes.size !== reports.length) {
    const what = missing.length > 0 ? `missing: ${missing.join(", ")}` : "one is there twice";
    throw new AprError("usage", `not every shard of ${count} once: ${what}`, {
      hint: "give each shard's report once",
    });
  }
}

function sumCounts(reports: readonly SweepReport[], first: SweepReport): SweepCounts {
  const tried = sum(reports, ({ counts }) => counts.total - counts.not_tried);
  // Every shard lists all points, so that the whole is known to each of them.
  const total = Math.max(...reports.map(({ counts }) => counts.total), first.counts.total, tried);
  return {
    total,
    passed: sum(reports, ({ counts }) => counts.passed),
    failed: sum(reports, ({ counts }) => counts.failed),
    inconclusive: sum(reports, ({ counts }) => counts.inconclusive),
    not_reached: sum(reports, ({ counts }) => counts.not_reached),
    not_tried: total - tried,
  };
}

function mergeFindings(reports: readonly SweepReport[]): SweepFinding[] {
  const merged = new Map<string, SweepFinding>();
  for (const finding of reports.flatMap(({ findings }) => findings)) {
    const before = merged.get(finding.id);
    merged.set(finding.id, before === undefined ? finding : joined(before, finding));
  }
  const rank = (finding: SweepFinding): number => SWEEP_CLASSES.indexOf(finding.class);
  return [...merged.values()].sort((a, b) => rank(a) - rank(b) || b.points - a.points);
}

function joined(a: SweepFinding, b: SweepFinding): SweepFinding {
  // A single call that is enough is the better one to show.
  const shown = !a.single && b.single ? b : a;
  const union = (left: readonly string[], right: readonly string[]): string[] => [
    ...new Set([...left, ...right]),
  ];
  const [faults, calls] = [union(a.faults, b.faults), union(a.calls, b.calls)];
  return {
    ...shown,
    where: whereText(faults, calls, shown.role),
    faults,
    calls,
    codes: union(a.codes, b.codes),
    points: a.points + b.points,
    members: [...a.members, ...b.members],
  };
}

function mergeFurther(reports: readonly SweepReport[]): SweepFurther[] {
  const merged = new Map<string, SweepFurther>();
  for (const each of reports.flatMap(({ further }) => further)) {
    const before = merged.get(each.name);
    if (before === undefined) {
      merged.set(each.name, each);
      continue;
    }
    const verdicts = [before.verdict, each.verdict];
    const verdict = verdicts.includes("fail") ? "fail" : verdicts.includes("pass") ? "pass" : "inconclusive";
    merged.set(each.name, {
      ...before,
      verdict,
      tried: before.tried + each.tried,
      failed: before.failed + each.failed,
      reasons: [...before.reasons, ...each.reasons],
    });
  }
  return [...merged.values()];
}

function mergeReasons(reports: readonly SweepReport[]): SweepReport["inconclusive"] {
  const merged = new Map<string, SweepReport["inconclusive"][number]>();
  for (const { reason, points } of reports.flatMap(({ inconclusive }) => inconclusive)) {
    const key = JSON.stringify(reason);
    merged.set(key, { reason, points: (merged.get(key)?.points ?? 0) + points });
  }
  return [...merged.values()].sort((a, b) => b.points - a.points);
}

function sum(reports: readonly SweepReport[], of: (report: SweepReport) => number): number {
  return reports.reduce((total, each) => total + of(each), 0);
}
