import type { JsonObject } from "../../base/json.ts";
import { doctorContract } from "../../contracts/doctor.ts";
import { judgeGate } from "../../contracts/judge.ts";
import type { Verdict } from "../../contracts/types.ts";

/** What a person may want this machine for. */
export type Feature = "store" | "transfers" | "chaos" | "oom" | "gpu";

/** One thing looked at, judged. */
export interface Check {
  readonly id: string;
  /** What was found, in one line. */
  readonly finding: string;
  readonly verdict: Verdict;
  /** Features that cannot do without it. */
  readonly neededFor: readonly Feature[];
  /** What to type; null where there is nothing to mend or nothing that mends it. */
  readonly fix: string | null;
}

/** Judges one observation by its gate. The fix is dropped where the gate passes. */
export function check(
  id: string,
  gateName: string,
  evidence: JsonObject,
  rest: { readonly finding: string; readonly neededFor?: readonly Feature[]; readonly fix: string | null },
): Check {
  const gate = doctorContract.gates.find(({ name }) => name === gateName);
  if (gate === undefined) throw new Error(`no such gate: ${gateName}`);
  const verdict = judgeGate(gate, evidence, "live");
  const fix = verdict.verdict === "pass" ? null : rest.fix;
  return { id, finding: rest.finding, verdict, neededFor: rest.neededFor ?? [], fix };
}
