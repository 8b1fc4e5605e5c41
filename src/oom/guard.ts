/** Memory that a new program could really have. */
export interface Available {
  readonly bytes: number;
  /** What sets it, such as `MemAvailable` or `cgroup memory.max of /box`. */
  readonly source: string;
}

/** What the guard was asked and said; it is kept in the run's document. */
export interface GuardOutcome {
  readonly verdict: "fits" | "too-large" | "unknown";
  /** True when `--force` let the program start all the same. */
  readonly forced: boolean;
  /** What was found, one sentence. */
  readonly finding: string;
  readonly predictedBytes: number | null;
  readonly availableBytes: number | null;
  readonly allowedBytes: number | null;
  readonly assumptions: readonly string[];
}

/** A program may be predicted to take this part of what is available; the rest is for what the prediction misses. */
const GUARD_PART = 0.8;

export interface GuardQuestion {
  /** Null when it could not be predicted; `why` then says so. */
  readonly predictedBytes: number | null;
  readonly assumptions: readonly string[];
  readonly available: Available | null;
  readonly why?: string;
  readonly force: boolean;
}

/** Whether a program may start. Fails closed: what could not be measured or predicted may not. Pure. */
export function decideGuard(question: GuardQuestion, show: (bytes: number) => string): GuardOutcome {
  const { predictedBytes, available, assumptions, force } = question;
  const allowedBytes = available === null ? null : Math.floor(available.bytes * GUARD_PART);
  const common = { predictedBytes, allowedBytes, assumptions, availableBytes: available?.bytes ?? null };
  if (available === null || allowedBytes === null) {
    const finding = "the memory that is available could not be measured";
    return { ...common, verdict: "unknown", forced: force, finding };
  }
  if (predictedBytes === null) {
    return { ...common, verdict: "unknown", forced: force, finding: question.why ?? "no prediction" };
  }
  const room = `${show(available.bytes)} available (${available.source})`;
  if (predictedBytes > allowedBytes) {
    const finding = `predicted peak ${show(predictedBytes)}, over 80 % of ${room}`;
    return { ...common, verdict: "too-large", forced: force, finding };
  }
  return {
    ...common,
    verdict: "fits",
    forced: false,
    finding: `predicted peak ${show(predictedBytes)} of ${room}`,
  };
}

/** True when the program must not be started. */
export function refuses({ verdict, forced }: GuardOutcome): boolean {
  return verdict !== "fits" && !forced;
}
