import {
  type TransferOracleResult as Found,
  highSeverityViolations,
  runTransferOracle,
} from "../contracts/transfer-oracle.ts";
import type { TransferCheck, TransferState, TransferViolation } from "../contracts/transfer-state.ts";

/** What an oracle of transfers says: plain data, which JSON writes as the ledger and the packs have it. */
export class TransferOracleResult implements Found {
  readonly oracle_name: string;
  readonly violations: readonly TransferViolation[];
  /** Checks that ran, and those that found something. */
  readonly stats: Found["stats"];
  readonly passed: boolean;

  constructor({ oracle_name, passed, stats, violations }: Found) {
    this.oracle_name = oracle_name;
    this.violations = violations;
    this.stats = stats;
    this.passed = passed;
  }

  hasViolations(): boolean {
    return this.violations.length > 0;
  }

  /** Exactly those of severity `high`: neither graver ones nor lesser ones. */
  highSeverityViolations(): readonly TransferViolation[] {
    return highSeverityViolations(this);
  }
}

/**
 * Judges the state of a transfer by five checks, all on unless switched off. Every `with…` returns the oracle itself.
 * Source: seed 004.
 */
export class TransferOracle {
  readonly name: string;
  readonly #switches: Partial<Record<TransferCheck, boolean>> = {};

  constructor(name: string) {
    this.name = name;
  }

  withManifestChecks(enabled: boolean): this {
    return this.#with("manifest", enabled);
  }

  withJournalChecks(enabled: boolean): this {
    return this.#with("journal", enabled);
  }

  withQuiescenceChecks(enabled: boolean): this {
    return this.#with("quiescence", enabled);
  }

  withObligationChecks(enabled: boolean): this {
    return this.#with("obligation", enabled);
  }

  withPathConsistencyChecks(enabled: boolean): this {
    return this.#with("path_consistency", enabled);
  }

  /** Runs the enabled checks in their order. The default state passes; `AtpTransferOracle` says when nothing was shown. */
  validateTransfer(state: TransferState): TransferOracleResult {
    return new TransferOracleResult(runTransferOracle(this.name, this.#switches, state));
  }

  #with(check: TransferCheck, enabled: boolean): this {
    this.#switches[check] = enabled;
    return this;
  }
}
