import type { JsonObject } from "../base/json.ts";
import { judgeGate, overall } from "../contracts/judge.ts";
import type { TransferCheck, TransferState } from "../contracts/transfer-state.ts";
import type { Judged, VerdictWord } from "../contracts/types.ts";
import {
  type ClosingCheck,
  closingJson,
  closingResult,
  enabledChecks,
  type OracleResult,
  type OracleViolation,
  stateResult,
  transferGate,
} from "./checks.ts";
import type { ClosingEvidence } from "./evidence.ts";
import { judgeTransfer, type TransferJudgement } from "./judge.ts";

/** The switches of all eight checks. */
export type AtpOracleChecks = Readonly<Record<TransferCheck | ClosingCheck, boolean>>;

/** What all eight checks judge: the state, and the evidence of the three that belong to a real transfer. */
export type AtpTransferState = TransferState & ClosingEvidence;

/** What the eight checks say of one transfer. */
export class AtpOracleResult {
  readonly oracle_name: string;
  /** `inconclusive` where nothing was found and something could not be looked at: an empty hash, no digest, no check on. */
  readonly verdict: VerdictWord;
  /** Only with the verdict `pass`: what was not shown has not passed. */
  readonly passed: boolean;
  readonly violations: readonly OracleViolation[];
  readonly stats: OracleResult["stats"];
  /** For a crashpack and the ledger: the five checks of the state, and the three others. */
  readonly results: readonly OracleResult[];

  constructor(name: string, verdict: VerdictWord, checks: number, results: readonly OracleResult[]) {
    this.oracle_name = name;
    this.verdict = verdict;
    this.passed = verdict === "pass";
    this.violations = results.flatMap(({ violations }) => violations);
    this.stats = { entities_tracked: this.violations.length, events_recorded: checks };
    this.results = results;
  }

  hasViolations(): boolean {
    return this.violations.length > 0;
  }

  /** Exactly those of severity `high`. */
  highSeverityViolations(): readonly OracleViolation[] {
    return this.violations.filter(({ severity }) => severity === "high");
  }
}

const ALL_ON: AtpOracleChecks = {
  ...{ manifest: true, journal: true, quiescence: true, obligation: true, path_consistency: true },
  ...{ final_exposure: true, cancellation_drain: true, proof_validity: true },
};

/** Judges a transfer by all eight checks, from its state or from its trace. */
export class AtpTransferOracle {
  readonly name: string;
  readonly checks: AtpOracleChecks;

  /** Checks that are not named are on. */
  constructor(name: string, checks: Partial<AtpOracleChecks> = {}) {
    this.name = name;
    this.checks = { ...ALL_ON, ...checks };
  }

  validateTransfer(state: AtpTransferState): AtpOracleResult {
    const { checks, name } = this;
    const { digests, exposed_unverified, undrained_workers, ...own } = state;
    const closing = { digests, exposed_unverified, undrained_workers };
    const found = stateResult(name, checks, own);
    const { words: _, ...closed } = closingResult(name, checks, closing);
    const judge = (gate: string, evidence: JsonObject): VerdictWord =>
      judgeGate(transferGate(gate), { checks: { ...checks }, ...evidence }, "captured").verdict;
    const stateOn = enabledChecks(checks) > closed.stats.events_recorded;
    const verdicts = [
      judge("oracle", { name, state: { ...own } }),
      judge("APR-ATP-VACUOUS", { state: { ...own } }),
      judge("APR-ATP-CLOSING", closingJson(closing)),
    ];
    const word = overall(verdicts.map((verdict) => ({ verdict })));
    const results = [...(stateOn ? [found] : []), ...(closed.stats.events_recorded > 0 ? [closed] : [])];
    return new AtpOracleResult(name, word, enabledChecks(checks), results);
  }

  /** The same from the events alone, with the verdicts of every gate. */
  validateTrace(trace: readonly unknown[], judged: Judged = "captured"): TransferJudgement {
    return judgeTransfer(trace, { name: this.name, switches: this.checks, judged });
  }
}
