import { classOf, SWEEP_CLASSES, worstSeverity } from "../../contracts/sweep-classes.ts";
import type { SweepFinding, SweepMember } from "../../contracts/sweep-report.ts";
import { whyItMatters } from "../why.ts";
import type { Task } from "./task.ts";
import type { Trial } from "./trial.ts";

/** A task with what came of it. */
export interface Result {
  readonly task: Task;
  readonly trial: Trial;
}

/** Failed runs of one class in one group; the first is the smallest fault that is enough. */
export interface Group {
  readonly results: readonly Result[];
  readonly first: Result;
}

/** Failed runs by class and group, the worst class first. */
export function groupFailures(results: readonly Result[]): readonly Group[] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    if (result.trial.failures.length === 0) continue;
    const key = `${SWEEP_CLASSES.indexOf(classOfTrial(result.trial))} ${result.task.group}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return [...groups.entries()]
    .sort(
      ([a, left], [b, right]) =>
        Number.parseInt(a, 10) - Number.parseInt(b, 10) || right.length - left.length,
    )
    .map(([, members]) => {
      const results = [...members].sort((a, b) => a.task.rank - b.task.rank);
      const [first] = results;
      if (first === undefined) throw new Error("a group has at least one member");
      return { results, first };
    });
}

export function classOfTrial({ failures }: Trial): ReturnType<typeof classOf> {
  return classOf(failures.map(({ code }) => code));
}

export function findingOf(
  { results, first }: Group,
  repeats: { readonly tried: number; readonly same: number },
  setup: string,
): SweepFinding {
  const each = classOfTrial(first.trial);
  const faults = distinct(results.map(({ task }) => task.fault));
  const calls = distinct(results.flatMap(({ task }) => (task.call === null ? [] : [task.call])));
  const codes = distinct(results.flatMap(({ trial }) => trial.failures.map(({ code }) => code)));
  return {
    id: `${each}: ${first.task.group}`,
    class: each,
    severity: worstSeverity(codes),
    where: whereText(faults, calls, first.task.role),
    faults,
    calls,
    role: first.task.role,
    codes,
    first: memberOf(first),
    single: first.task.single,
    points: results.length,
    members: results.map(memberOf),
    repeats,
    line: first.task.reproduce,
    reproduce: `${setup}\n${first.task.reproduce}`,
    why: whyItMatters([worstCode(codes, each), ...codes]),
    verdicts: first.trial.verdicts,
    known: null,
  };
}

const ROLE_TEXT: Readonly<Record<string, string>> = {
  output: " of the output",
  model: " of the model",
  state: " of the state",
  stdout: " of stdout",
};

/** `ENOSPC, EIO on write of the output`. A signal comes at any call, whatever that is on. */
export function whereText(faults: readonly string[], calls: readonly string[], role: string): string {
  if (calls.length === 0) return faults.join(", ");
  const on = faults.some((fault) => fault.startsWith("SIG")) ? "" : (ROLE_TEXT[role] ?? "");
  return `${faults.join(", ")} on ${calls.join(", ")}${on}`;
}

function worstCode(codes: readonly string[], each: string): string {
  return codes.find((code) => classOf([code]) === each) ?? "";
}

function memberOf({ task, trial }: Result): SweepMember {
  return {
    point: task.id,
    proof: trial.proof ?? "",
    exit_code: trial.exitCode,
    happened: trial.happened,
  };
}

function distinct(words: readonly string[]): string[] {
  return [...new Set(words)];
}
