import { assignedLog10Bf, type Severity, type Strength, strengthOf } from "../contracts/weights.ts";

// One result of an oracle as evidence for or against a violation. The weights are assigned, not measured: every
// entry says so in its first evidence line. Source: SPEC, section 5.

/** What an oracle found; a TransferOracleResult is one. */
export interface LedgerResult {
  readonly oracle_name: string;
  readonly violations: readonly { readonly severity: Severity }[];
  readonly stats: { readonly entities_tracked: number; readonly events_recorded: number };
  readonly passed: boolean;
}

export interface EvidenceLine {
  readonly equation: string;
  readonly substitution: string;
  readonly intuition: string;
}

export interface LedgerEntry {
  readonly oracle_name: string;
  readonly evidence: {
    readonly invariant: string;
    readonly passed: boolean;
    readonly bayes_factor: {
      readonly log10_bf: number;
      readonly hypothesis: string;
      readonly strength: Strength;
    };
    /** log10, half of the Bayes factor each. */
    readonly log_likelihoods: {
      readonly structural: number;
      readonly detection: number;
      readonly total: number;
    };
    readonly evidence_lines: readonly EvidenceLine[];
  };
  readonly artifact_path: string | null;
  readonly timestamp: number | string;
}

const RANKS: readonly Severity[] = ["low", "medium", "high", "critical"];

/** The entry of one result. `timestamp` is whatever orders the entries of a ledger; usually the index in it. */
export function ledgerEntry(
  result: LedgerResult,
  artifactPath: string | null,
  timestamp: number | string,
): LedgerEntry {
  const { oracle_name: name, passed } = result;
  const severities = result.violations.map(({ severity }) => severity);
  const log10Bf = assignedLog10Bf(passed, severities);
  const half = log10Bf / 2;
  return {
    oracle_name: name,
    evidence: {
      invariant: name,
      passed,
      bayes_factor: { log10_bf: log10Bf, hypothesis: `${name} is violated`, strength: strengthOf(log10Bf) },
      log_likelihoods: { structural: half, detection: half, total: log10Bf },
      evidence_lines: [lineOf(result, log10Bf, gravest(severities))],
    },
    artifact_path: artifactPath,
    timestamp,
  };
}

function gravest(severities: readonly Severity[]): Severity | null {
  return RANKS.findLast((severity) => severities.includes(severity)) ?? null;
}

function lineOf(
  { oracle_name: name, violations, stats, passed }: LedgerResult,
  log10Bf: number,
  worst: Severity | null,
): EvidenceLine {
  const checks = `${stats.events_recorded} checks`;
  return {
    equation: passed
      ? "log10 BF = the weight assigned to a pass (not measured)"
      : "log10 BF = max over violations of the weight assigned to a severity (not measured)",
    substitution: `log10 BF = ${log10Bf}; ${checks}, ${violations.length} violations, gravest: ${worst ?? "none"}`,
    intuition: intuitionOf(name, passed, checks, worst),
  };
}

function intuitionOf(name: string, passed: boolean, checks: string, worst: Severity | null): string {
  if (passed) return `${checks} of ${name} looked and found nothing, which speaks against a violation`;
  if (worst === null) return `${name} did not pass and names no violation, which hardly speaks for one`;
  return `${name} found what must not be; its gravest violation is ${worst} and alone gives the weight`;
}
