import type { JsonObject } from "../base/json.ts";
import {
  type TransferCheck,
  type TransferState,
  type TransferViolation,
  transferChecks,
} from "./transfer-state.ts";
import { assignedLog10Bf, type Strength, strengthOf } from "./weights.ts";

/** Which checks run; all do that are not switched off. */
export type TransferSwitches = Readonly<Partial<Record<TransferCheck, boolean | undefined>>>;

export interface TransferOracleResult {
  readonly oracle_name: string;
  readonly violations: readonly TransferViolation[];
  readonly stats: { readonly entities_tracked: number; readonly events_recorded: number };
  readonly passed: boolean;
}

/** Evidence by assigned weights, which are not measurements. */
interface AssignedEvidence {
  readonly log10_bf: number;
  readonly strength: Strength;
}

/** Runs the enabled checks in order and collects every violation. */
export function runTransferOracle(
  name: string,
  switches: TransferSwitches,
  state: TransferState,
): TransferOracleResult {
  const enabled = transferChecks.filter(([check]) => switches[check] !== false);
  const violations = enabled.map(([, check]) => check(state)).filter((found) => found !== null);
  return {
    oracle_name: name,
    violations,
    stats: { entities_tracked: violations.length, events_recorded: enabled.length },
    passed: violations.length === 0,
  };
}

/** Exactly the violations of severity `high`. */
export function highSeverityViolations(result: TransferOracleResult): readonly TransferViolation[] {
  return result.violations.filter(({ severity }) => severity === "high");
}

/** The assigned weight of a result and its word. */
function assignedEvidence({ passed, violations }: TransferOracleResult): AssignedEvidence {
  const log10Bf = assignedLog10Bf(
    passed,
    violations.map(({ severity }) => severity),
  );
  return { log10_bf: log10Bf, strength: strengthOf(log10Bf) };
}

/** The result and its evidence as plain JSON. */
export function oracleYields(result: TransferOracleResult): JsonObject {
  return {
    result: {
      oracle_name: result.oracle_name,
      violations: result.violations.map((violation): JsonObject => ({ ...violation })),
      stats: { ...result.stats },
      passed: result.passed,
    },
    evidence: { ...assignedEvidence(result) },
  };
}
