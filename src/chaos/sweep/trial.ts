import { judgeGate } from "../../contracts/judge.ts";
import { findGate } from "../../contracts/registry.ts";
import type { Evidence, Reason, Verdict } from "../../contracts/types.ts";
import { ABSENT } from "../../observe/content.ts";
import { describe } from "../describe.ts";
import { cleanUp } from "./after.ts";
import type { Shot, Worker } from "./bench.ts";

/** How one run is to be judged. */
export interface Terms {
  /** What showed that the fault fired; null: it did not. */
  readonly proof: string | null;
  /** An error was injected, so that a message is owed. After a signal none is. */
  readonly injected: boolean;
  /** A word for the kind of fault: `memory` asks for a message about memory. */
  readonly fault: string;
  /** Ended by SIGKILL: only recovery is judged. */
  readonly killed?: boolean;
  /** stdout is part of what the command gives. */
  readonly stdoutCounts: boolean;
  /** Another output is right too: the input was not the same. Only a check can then tell. */
  readonly otherOutput?: boolean;
  /** stdout could not be written: an exit of 0 cannot be right. */
  readonly lost?: boolean;
  /** The model in the slot was changed on purpose; it is fresh again before the recovery. */
  readonly modelTouched?: boolean;
  /** The line of a clean run, for the recovery. */
  readonly recovery: string;
}

/** One judged run. */
export interface Trial {
  readonly proof: string | null;
  readonly exitCode: number | null;
  readonly happened: string;
  readonly verdicts: readonly Verdict[];
  /** Reasons of the failed gates; none: it passed, or nothing could be told. */
  readonly failures: readonly Reason[];
  /** Why nothing could be told; null: it passed or failed. */
  readonly unclear: Reason | null;
  readonly stderr: string;
}

/** 137 stands for a run that apr had to kill at its time limit. */
const KILLED_AT_LIMIT = 137;
const STDERR_KEPT = 4000;

/** Judges a run by the strict gates, and leaves the slot as it was before it. */
export async function judgeShot(worker: Worker, seen: Shot, terms: Terms): Promise<Trial> {
  const done = terms.modelTouched === true ? withoutModel(seen) : seen;
  const happened = describe(worker, done);
  const evidence = terms.proof === null ? [] : await evidenceOf(worker, done, terms);
  await cleanUp(worker.station, done.after);
  const fired = { fired: terms.proof !== null, ...(terms.proof === null ? {} : { proof: terms.proof }) };
  const verdicts = [["APR-CHAOS-FIRED", fired] as const, ...evidence].map(([name, each]) =>
    judge(name, each),
  );
  const failures = verdicts.flatMap(({ verdict, reason }) =>
    verdict === "fail" && reason !== null ? [reason] : [],
  );
  const unclear = verdicts.find(({ verdict, reason }) => verdict === "inconclusive" && !isMute(reason));
  // A loader that failed says nothing about the command, whatever else the run looks like.
  const loader = unclear?.reason?.code === "loader-error";
  const stuck = failures.some(({ code }) => code === "no-recovery");
  return {
    proof: terms.proof,
    exitCode: done.run.exitCode,
    happened: stuck ? `${happened}, and a clean run afterwards fails` : happened,
    verdicts,
    failures: loader ? [] : failures,
    unclear: failures.length > 0 && !loader ? null : (unclear?.reason ?? null),
    stderr: done.run.stderr.text.slice(-STDERR_KEPT),
  };
}

/** The model was changed by apr: that it is not as it was is no trace of the run. */
function withoutModel(done: Shot): Shot {
  return { ...done, strays: done.strays.filter((path) => !path.endsWith(" (changed)")) };
}

/** Inconclusive by design: the output after a SIGKILL is judged by the recovery. */
function isMute(reason: Reason | null): boolean {
  return reason?.code === "judged-after-recovery";
}

async function evidenceOf(
  worker: Worker,
  done: Shot,
  terms: Terms,
): Promise<readonly (readonly [string, Evidence])[]> {
  const exit_code = done.run.exitCode ?? KILLED_AT_LIMIT;
  const leftovers = terms.killed === true ? [] : worker.newStrays(done);
  const orphans = done.run.orphans.map(({ name }) => name);
  const found: (readonly [string, Evidence])[] = [
    ["APR-CHAOS-CLEAN", { timed_out: done.run.timedOut, orphans, leftovers }],
  ];
  if (exit_code === 0) found.push(...(await lossEvidence(worker, done, terms)));
  else if (done.output !== null) {
    const states = { before: { ...ABSENT }, after: { ...done.output } };
    found.push(["APR-CHAOS-OUTPUT-INTACT", { exit_code, ...states, killed: terms.killed === true }]);
  }
  const { signal, stderr } = done.run;
  const message = { injected: terms.injected, fault: terms.fault, exit_code, signal, stderr: stderr.text };
  // A run that hangs owes an end first.
  if (!done.run.timedOut) found.push(["APR-CHAOS-MESSAGE", message]);
  // Nothing is to be recovered from a success, nor from a state that is as before.
  if (exit_code !== 0 && !done.after.pristine) {
    if (terms.modelTouched === true) await worker.slot.model?.refresh();
    const recovery = { ...(await worker.recover(terms.recovery, done)) };
    found.push(["APR-CHAOS-RECOVERS", { recovery: judgeable(worker, recovery) }]);
  }
  return found;
}

async function lossEvidence(
  worker: Worker,
  done: Shot,
  terms: Terms,
): Promise<readonly (readonly [string, Evidence])[]> {
  if (terms.lost === true) {
    return [["APR-CHAOS-NO-SILENT-LOSS", { exit_code: 0, output_equal: false, check_passed: null }]];
  }
  const likeness = await worker.likeness(done, terms.stdoutCounts);
  // Without an output there is nothing that can be lost.
  const nothing = done.output === null && worker.baseline.stdout.sizeBytes === 0;
  if (nothing) return [];
  const other = terms.otherOutput === true && likeness.check_passed === null;
  if (other && likeness.output_equal !== true) return [];
  return [["APR-CHAOS-NO-SILENT-LOSS", { exit_code: 0, ...likeness }]];
}

/** Where a command gives nothing that can be compared, its exit code alone says whether it works again. */
function judgeable(worker: Worker, recovery: Evidence): Evidence {
  const nothing = worker.baseline.output === null && worker.baseline.stdout.sizeBytes === 0;
  return nothing ? { ...recovery, output_equal: recovery["exit_code"] === 0 } : recovery;
}

function judge(name: string, evidence: Evidence): Verdict {
  const gate = findGate(`apr-qa-chaos-v1/${name}`);
  if (gate === undefined) throw new Error(`no such gate: ${name}`);
  return judgeGate(gate, evidence, "live");
}
