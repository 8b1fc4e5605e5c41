export type Severity = "low" | "medium" | "high" | "critical";

/** How strongly a log10 Bayes factor speaks, after Kass & Raftery (1995). */
export type Strength = "against" | "negligible" | "positive" | "strong" | "very_strong";

/**
 * Assigned log10 Bayes factors of a violation, by severity. They were chosen, not measured, and every
 * view must say so. Source: seed 004.
 */
const ASSIGNED_LOG10_BF: Readonly<Record<Severity, number>> = {
  low: 0.6,
  medium: 1.0,
  high: 1.6,
  critical: 2.4,
};

/** Assigned to a result that passed. */
const PASSED_LOG10_BF = -1.0;

/** Assigned to a result that failed and lists no violation. */
const UNEXPLAINED_LOG10_BF = 0.5;

/** The assigned log10 Bayes factor of an oracle's result: the largest over its violations. */
export function assignedLog10Bf(passed: boolean, severities: readonly Severity[]): number {
  if (passed) return PASSED_LOG10_BF;
  if (severities.length === 0) return UNEXPLAINED_LOG10_BF;
  return Math.max(...severities.map((severity) => ASSIGNED_LOG10_BF[severity]));
}

/** Kass & Raftery's words; what is not a number says nothing. */
export function strengthOf(log10Bf: number): Strength {
  if (Number.isNaN(log10Bf)) return "negligible";
  if (log10Bf < 0) return "against";
  if (log10Bf < 0.5) return "negligible";
  if (log10Bf < 1.3) return "positive";
  return log10Bf < 2.2 ? "strong" : "very_strong";
}
