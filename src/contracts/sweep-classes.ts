/** What kind of harm a failing run does. */
export const SWEEP_CLASSES = [
  "silent loss",
  "clobbered file",
  "hang",
  "partial output",
  "no recovery",
  "crash",
  "leftover",
  "unclear message",
] as const;
export type SweepClass = (typeof SWEEP_CLASSES)[number];

export type SweepSeverity = "critical" | "high" | "medium" | "low";

const CLASS_OF: Readonly<Record<string, SweepClass>> = {
  "silent-loss": "silent loss",
  clobbered: "clobbered file",
  "no-recovery": "no recovery",
  hang: "hang",
  orphan: "leftover",
  "partial-output": "partial output",
  crash: "crash",
  leftover: "leftover",
  "no-message": "unclear message",
};

const SEVERITY: Readonly<Record<SweepClass, SweepSeverity>> = {
  // Nobody is told, and the next program works on with what is not whole.
  "silent loss": "critical",
  "clobbered file": "high",
  "no recovery": "high",
  hang: "high",
  "partial output": "medium",
  crash: "medium",
  leftover: "low",
  "unclear message": "low",
};

/** The worst class among the reason codes of failed gates. */
export function classOf(codes: readonly string[]): SweepClass {
  const found = codes.map((code) => CLASS_OF[code] ?? "unclear message");
  return SWEEP_CLASSES.find((each) => found.includes(each)) ?? "unclear message";
}

export function severityOf(each: SweepClass): SweepSeverity {
  return SEVERITY[each];
}

const SEVERITIES: readonly SweepSeverity[] = ["critical", "high", "medium", "low"];

/** The worst severity among reason codes: a partial output that also keeps the next run from working is more than that. */
export function worstSeverity(codes: readonly string[]): SweepSeverity {
  const found = codes.map((code) => SEVERITY[CLASS_OF[code] ?? "unclear message"]);
  return SEVERITIES.find((each) => found.includes(each)) ?? "low";
}
