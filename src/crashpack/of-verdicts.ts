import { type Json, stringifyJson } from "../base/json.ts";
import type { Reason, Verdict } from "../contracts/types.ts";
import type { OracleResult } from "../oracles/checks.ts";

/** What verdicts say in a pack. */
export interface OracleResultsOf {
  /** One for each failed gate, in order. */
  readonly results: readonly OracleResult[];
  /** `inconclusive.<gate>` with the reason for each gate that could not be judged. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Makes any failing run fit for a pack: each failed gate becomes one oracle result, named like the gate, whose violation
 * type is the reason code. Its severity is `high`: a contract is broken. What is inconclusive goes into the metadata,
 * never into a result; what passed is left out. Source: SPEC, section 5.
 */
export function oracleResultsOf(verdicts: readonly Verdict[]): OracleResultsOf {
  const results: OracleResult[] = [];
  const metadata: [string, string][] = [];
  for (const { gate, verdict, reason, judged } of verdicts) {
    if (verdict === "fail") results.push(failedResult(gate, reason ?? { code: "failed" }, judged));
    if (verdict !== "inconclusive") continue;
    // A gate may be judged more than once in a run: none of its reasons is lost.
    const key = `inconclusive.${gate}`;
    const before = metadata.filter(([each]) => each === key || each.startsWith(`${key}.`)).length;
    const text = reason === null ? "inconclusive" : stringifyJson({ ...reason });
    metadata.push([before === 0 ? key : `${key}.${before + 1}`, text]);
  }
  return { results, metadata: Object.fromEntries(metadata) };
}

function failedResult(gate: string, { code, ...fields }: Reason, judged: string): OracleResult {
  const evidence = Object.entries(fields).map(([name, value]): [string, string] => [name, textOf(value)]);
  return {
    oracle_name: gate,
    violations: [
      {
        violation_type: code,
        severity: "high",
        description: `${gate} failed on ${judged} evidence: ${code}`,
        evidence: Object.fromEntries(evidence),
      },
    ],
    stats: { entities_tracked: 1, events_recorded: 1 },
    passed: false,
  };
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : stringifyJson(value);
}
