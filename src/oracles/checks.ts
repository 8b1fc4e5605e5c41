import { judgeGate } from "../contracts/judge.ts";
import { transferContract } from "../contracts/transfer.ts";
import { runTransferOracle, type TransferOracleResult } from "../contracts/transfer-oracle.ts";
import { type TransferCheck, type TransferState, transferChecks } from "../contracts/transfer-state.ts";
import type { Gate, VerdictWord } from "../contracts/types.ts";
import type { Severity } from "../contracts/weights.ts";
import type { ClosingEvidence } from "./evidence.ts";

export type ClosingCheck = "final_exposure" | "cancellation_drain" | "proof_validity";

/** Which of the eight checks run; all do that are not switched off. */
export type OracleSwitches = Readonly<Partial<Record<TransferCheck | ClosingCheck, boolean | undefined>>>;

export const CLOSING_CHECKS: readonly ClosingCheck[] = [
  "final_exposure",
  "cancellation_drain",
  "proof_validity",
];

/** Ours, as the seed has none for these: each of them means that wrong bytes could have been used. */
const CLOSING_SEVERITY: Severity = "high";

/** One thing that was found wrong. */
export interface OracleViolation {
  readonly violation_type: string;
  readonly severity: Severity;
  readonly description: string;
  readonly evidence: Readonly<Record<string, string>>;
}

/** The same shape for the five checks and the three. */
export interface OracleResult extends Omit<TransferOracleResult, "violations"> {
  readonly violations: readonly OracleViolation[];
}

export function transferGate(name: string): Gate {
  const gate = transferContract.gates.find((each) => each.name === name);
  if (gate === undefined) throw new Error(`the transfer contract has no gate ${name}`);
  return gate;
}

export function enabledChecks(switches: OracleSwitches): number {
  const all = [...transferChecks.map(([check]) => check), ...CLOSING_CHECKS];
  return all.filter((check) => switches[check] !== false).length;
}

/** The five checks of the state. */
export function stateResult(name: string, switches: OracleSwitches, state: TransferState): OracleResult {
  return runTransferOracle(name, switches, state);
}

/** The three checks, each by the contract's own gate with the other two switched off. */
export function closingResult(
  name: string,
  switches: OracleSwitches,
  closing: ClosingEvidence,
): OracleResult & { readonly words: ReadonlyMap<ClosingCheck, VerdictWord> } {
  const words = new Map<ClosingCheck, VerdictWord>();
  const violations: OracleViolation[] = [];
  for (const check of CLOSING_CHECKS) {
    if (switches[check] === false) continue;
    const checks = Object.fromEntries(CLOSING_CHECKS.map((each) => [each, each === check]));
    const evidence = { checks, ...closingJson(closing) };
    const { verdict } = judgeGate(transferGate("APR-ATP-CLOSING"), evidence, "live");
    words.set(check, verdict);
    if (verdict === "fail") violations.push(describe(check, closing));
  }
  return {
    oracle_name: `${name}/closing`,
    violations,
    stats: { entities_tracked: violations.length, events_recorded: words.size },
    passed: violations.length === 0,
    words,
  };
}

/** The evidence as plain JSON. */
export function closingJson({ exposed_unverified: exposed, undrained_workers, digests }: ClosingEvidence) {
  return {
    exposed_unverified: exposed,
    undrained_workers,
    digests: digests.map(({ path, recorded, recomputed }) => ({ path, recorded, recomputed })),
  };
}

function describe(check: ClosingCheck, closing: ClosingEvidence): OracleViolation {
  const base = { violation_type: check, severity: CLOSING_SEVERITY };
  switch (check) {
    case "final_exposure": {
      const [first = ""] = closing.exposed_unverified;
      const count = closing.exposed_unverified.length;
      return {
        ...base,
        description: `${count} visible before verified, the first is ${first}`,
        evidence: { exposed_count: `${count}`, first_exposed: first },
      };
    }
    case "cancellation_drain": {
      const count = `${closing.undrained_workers}`;
      return {
        ...base,
        description: `${count} cancelled or losing workers still ran at close`,
        evidence: { undrained_count: count },
      };
    }
    case "proof_validity": {
      const bad = closing.digests.find(
        ({ recorded, recomputed }) => recorded === "" || recorded !== recomputed,
      );
      const { path = "", recorded = "", recomputed = "" } = bad ?? {};
      return {
        ...base,
        description: `Recorded digest of ${path} does not recompute`,
        evidence: { path, recorded_digest: recorded, recomputed_digest: recomputed },
      };
    }
  }
}
