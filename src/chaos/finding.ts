import type { ChaosFaultId } from "../contracts/chaos-report.ts";
import type { Evidence, Reason } from "../contracts/types.ts";
import { ABSENT, type ContentState } from "../observe/content.ts";
import type { Attempt } from "./attempt.ts";
import type { Lab, Recovery } from "./lab.ts";

/** What one fault, or one point of it, showed: evidence for gates, not yet judged. */
export interface Finding {
  /** Evidence for the contract's gate. */
  readonly evidence: Evidence;
  /** Names and evidence of the strict gates that are asked. */
  readonly strict: readonly (readonly [gate: string, evidence: Evidence])[];
  /** The fault was seen to fire. Without it no verdict stands. */
  readonly fired: boolean;
  /** Set when the fault could not be tried at all. */
  readonly notTried?: Reason;
  readonly happened: string;
  readonly reproduce: string;
  /** The run behind it, for `--keep`. */
  readonly attempt: Attempt | null;
}

/** One fault. Its findings are judged apart and the worst one counts. */
export interface Fault {
  readonly id: ChaosFaultId;
  readonly title: string;
  run(lab: Lab): Promise<readonly Finding[]>;
}

/** A fault that could not be tried: every verdict is inconclusive with this reason. */
export function notTried(reason: Reason, happened: string, reproduce = ""): readonly Finding[] {
  return [{ evidence: {}, strict: [], fired: false, notTried: reason, happened, reproduce, attempt: null }];
}

/** 137 stands for a run that apr had to kill at its time limit. */
const KILLED_AT_LIMIT = 137;

export function exitCodeOf(done: Attempt): number {
  return done.run.exitCode ?? KILLED_AT_LIMIT;
}

export function fired(seen: boolean, proof: string): readonly [string, Evidence] {
  return ["APR-CHAOS-FIRED", { fired: seen, proof }];
}

export async function noSilentLoss(lab: Lab, done: Attempt): Promise<readonly [string, Evidence]> {
  const exit_code = exitCodeOf(done);
  const likeness =
    exit_code === 0 ? await lab.likeness(done.output) : { output_equal: null, check_passed: null };
  return ["APR-CHAOS-NO-SILENT-LOSS", { exit_code, ...likeness }];
}

/** Not asked where the command names no output. */
export function outputIntact(
  done: Attempt,
  before: ContentState,
  mustKeep = false,
): readonly (readonly [string, Evidence])[] {
  if (done.output === null) return [];
  const states = { before: { ...before }, after: { ...done.output } };
  return [["APR-CHAOS-OUTPUT-INTACT", { exit_code: exitCodeOf(done), must_keep: mustKeep, ...states }]];
}

/** A run to which something was refused, memory or room on the disk: its gates, then a clean run where it ended. */
export async function refusal(
  lab: Lab,
  done: Attempt,
  fault: "memory" | "disk",
  shown: Pick<Finding, "fired" | "happened" | "reproduce"> & { readonly proof: string },
): Promise<Finding> {
  const { proof, ...rest } = shown;
  // The state that the run left is looked at before the clean run changes it.
  const gates = [
    fired(shown.fired, proof),
    await noSilentLoss(lab, done),
    ...outputIntact(done, ABSENT),
    message(done, fault),
    clean(lab, done),
  ];
  return {
    evidence: { exit_code: exitCodeOf(done), stderr: done.run.stderr.text },
    strict: [...gates, recovers(await lab.recover())],
    ...rest,
    attempt: done,
  };
}

export function recovers(recovery: Recovery): readonly [string, Evidence] {
  return ["APR-CHAOS-RECOVERS", { recovery: { ...recovery } }];
}

function message(done: Attempt, fault: "memory" | "disk"): readonly [string, Evidence] {
  const { run } = done;
  const evidence = {
    injected: true,
    fault,
    exit_code: exitCodeOf(done),
    signal: run.signal,
    stderr: run.stderr.text,
  };
  return ["APR-CHAOS-MESSAGE", evidence];
}

export function clean(lab: Lab, done: Attempt): readonly [string, Evidence] {
  const orphans = done.run.orphans.map(({ pid, name }) => `${name} (${pid})`);
  return ["APR-CHAOS-CLEAN", { timed_out: done.run.timedOut, orphans, leftovers: lab.newStrays(done) }];
}
