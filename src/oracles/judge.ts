import { asAprError } from "../base/errors.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { judgeGate, overall } from "../contracts/judge.ts";
import type { TransferState } from "../contracts/transfer-state.ts";
import type { Judged, Verdict, VerdictWord } from "../contracts/types.ts";
import {
  CLOSING_CHECKS,
  type ClosingCheck,
  closingJson,
  closingResult,
  enabledChecks,
  type OracleResult,
  type OracleSwitches,
  type OracleViolation,
  stateResult,
  transferGate,
} from "./checks.ts";
import { type ClosingEvidence, type TransferEvidence, transferEvidence, transferState } from "./evidence.ts";
import { readTrace, traceText } from "./trace-text.ts";

export interface JudgeOptions {
  /** The oracle's name, as it stands in results and in the ledger. */
  readonly name: string;
  readonly switches?: OracleSwitches;
  /** `live` for a trace that this process made. */
  readonly judged?: Judged;
}

export interface TransferJudgement {
  readonly name: string;
  /** Of the gates `oracle`, APR-ATP-VACUOUS, APR-ATP-CLOSING and APR-ATP-RECOMPUTED. */
  readonly verdicts: readonly Verdict[];
  readonly verdict: VerdictWord;
  /** Every gate passed. A transfer that has published nothing never does. */
  readonly passed: boolean;
  /** Nothing wrong was seen, and all of the trace could be read: what a transfer that was stopped must be. */
  readonly clean: boolean;
  readonly state: TransferState;
  readonly closing: ClosingEvidence;
  readonly unreadable: readonly string[];
  readonly events: number;
  /** How many of the eight ran. */
  readonly checks: number;
  readonly violations: readonly OracleViolation[];
  /** For the ledger: what passed or failed, and nothing that is inconclusive. */
  readonly results: readonly OracleResult[];
}

/**
 * Judges a transfer by its trace alone. The state is computed from the events, and once more from the trace as its
 * text says it. Where a part of the trace could not be read, a check that found nothing is inconclusive: what it
 * should have found may stand in that part. What was found is a violation all the same.
 */
export function judgeTransfer(trace: readonly unknown[], options: JudgeOptions): TransferJudgement {
  const { name, switches = {}, judged = "live" } = options;
  const evidence = transferEvidence(trace);
  const { state, closing, unreadable } = evidence;
  const found = stateResult(name, switches, state);
  const { words, ...closingFound } = closingResult(name, switches, closing);
  const whole = unreadable.length === 0;
  const closingKnown = whole ? closingJson(closing) : failedOnly(closing, words);
  const judge = (gate: string, about: JsonObject): Verdict => judgeGate(transferGate(gate), about, judged);
  const stateJson: JsonObject = { ...state };
  const checks = checksOf(switches);
  const oracle = judge("oracle", { name, checks, ...(whole || !found.passed ? { state: stateJson } : {}) });
  const vacuous = judge("APR-ATP-VACUOUS", { checks, state: stateJson });
  const closed = judge("APR-ATP-CLOSING", { checks, ...closingKnown });
  const again = judge("APR-ATP-RECOMPUTED", { state: stateJson, ...recomputed(trace, evidence) });
  const verdicts = [oracle, vacuous, closed, again];
  const verdict = overall(verdicts);
  const stateSettled = oracle.verdict === "fail" || overall([oracle, vacuous]) === "pass";
  return {
    name,
    verdicts,
    verdict,
    passed: verdict === "pass",
    clean: whole && verdict !== "fail",
    state,
    closing,
    unreadable,
    events: trace.length,
    checks: enabledChecks(switches),
    violations: [...found.violations, ...closingFound.violations],
    results: [...(stateSettled ? [found] : []), ...(closed.verdict === "inconclusive" ? [] : [closingFound])],
  };
}

/** Only what failed, so that a check that found nothing lacks its evidence. */
function failedOnly(closing: ClosingEvidence, words: ReadonlyMap<ClosingCheck, VerdictWord>): JsonObject {
  const fields = ["exposed_unverified", "undrained_workers", "digests"] as const;
  const all: JsonObject = closingJson(closing);
  const kept = fields.filter((_, index) => words.get(CLOSING_CHECKS[index] ?? "final_exposure") === "fail");
  return Object.fromEntries(kept.map((field): [string, Json] => [field, all[field] ?? null]));
}

/** The state that the trace's own text gives; nothing where it has none, or not all of it can be read. */
function recomputed(trace: readonly unknown[], { unreadable }: TransferEvidence): JsonObject {
  if (unreadable.length > 0) return {};
  try {
    return { recomputed: { ...transferState(readTrace(traceText(trace))) } };
  } catch (error) {
    // A text that cannot be made or read is no recomputation: the gate says what is missing.
    if (asAprError(error).kind === "malformed" || error instanceof RangeError) return {};
    throw error;
  }
}

function checksOf(switches: OracleSwitches): JsonObject {
  const given = Object.entries(switches).filter((each): each is [string, boolean] => each[1] !== undefined);
  return Object.fromEntries(given);
}
