import { expect, test } from "vitest";
import { digest, smallPull, traceOf } from "../../test/support/oracles/trace.ts";
import { CLEAN_TRANSFER_STATE } from "../contracts/transfer-state.ts";
import { type AtpOracleChecks, AtpTransferOracle, type AtpTransferState } from "./atp-oracle.ts";
import { transferEvidence } from "./evidence.ts";
import { TransferOracle } from "./transfer-oracle.ts";

const GOOD: AtpTransferState = {
  ...CLEAN_TRANSFER_STATE,
  ...{ manifest_hash: "a", expected_manifest_hash: "a", exposed_unverified: [], undrained_workers: 0 },
  digests: [{ path: "x", recorded: "d", recomputed: "d" }],
};

const BROKEN: Readonly<Record<keyof AtpOracleChecks, readonly [Partial<AtpTransferState>, string]>> = {
  manifest: [{ manifest_hash: "b" }, "manifest_integrity"],
  journal: [{ journal_gaps: 1 }, "journal_consistency"],
  quiescence: [{ pending_operations: 1 }, "quiescence"],
  obligation: [{ leaked_obligations: 1 }, "obligation_leak"],
  path_consistency: [{ path_outcomes_consistent: false }, "path_consistency"],
  final_exposure: [{ exposed_unverified: ["x"] }, "final_exposure"],
  cancellation_drain: [{ undrained_workers: 1 }, "cancellation_drain"],
  proof_validity: [{ digests: [{ path: "x", recorded: "d", recomputed: "" }] }, "proof_validity"],
};
const CHECKS = Object.keys(BROKEN) as (keyof AtpOracleChecks)[];

test("a state with nothing wrong passes all eight", () => {
  const result = new AtpTransferOracle("pull").validateTransfer(GOOD);
  expect(result).toMatchObject({
    ...{ oracle_name: "pull", verdict: "pass", passed: true, violations: [] },
    stats: { events_recorded: 8, entities_tracked: 0 },
  });
  expect(result.hasViolations()).toBe(false);
  expect(result.results.map(({ oracle_name }) => oracle_name)).toEqual(["pull", "pull/closing"]);
});

test.each(CHECKS)("%s finds its fault, and nothing when it is off", (check) => {
  const [change, type] = BROKEN[check];
  const state = { ...GOOD, ...change };
  const on = new AtpTransferOracle("pull").validateTransfer(state);
  expect([on.verdict, on.passed, on.hasViolations()]).toEqual(["fail", false, true]);
  expect(on.violations.map(({ violation_type }) => violation_type)).toEqual([type]);
  expect(on.highSeverityViolations()).toHaveLength(check === "quiescence" ? 0 : 1);
  const off = new AtpTransferOracle("pull", { [check]: false }).validateTransfer(state);
  expect([off.verdict, off.stats.events_recorded]).toEqual(["pass", 7]);
});

test.each<[string, Partial<AtpTransferState>, Partial<AtpOracleChecks>]>([
  ["the default state", CLEAN_TRANSFER_STATE, {}],
  ["no digest", { digests: [] }, {}],
  ["no check of the state", {}, Object.fromEntries(CHECKS.slice(0, 5).map((check) => [check, false]))],
])("%s is no pass", (_, change, checks) => {
  const result = new AtpTransferOracle("pull", checks).validateTransfer({ ...GOOD, ...change });
  expect([result.verdict, result.passed, result.hasViolations()]).toEqual(["inconclusive", false, false]);
});

test("a trace and the state that it gives are judged alike", () => {
  const oracle = new AtpTransferOracle("pull");
  for (const steps of [smallPull(), smallPull().filter(([kind]) => kind !== "commit")]) {
    const trace = traceOf(steps);
    const { closing, state } = transferEvidence(trace);
    const { verdict, violations } = oracle.validateTransfer({ ...state, ...closing });
    expect(oracle.validateTrace(trace)).toMatchObject({ verdict, violations });
  }
});

test("the five switches of the transfer oracle, by their names", () => {
  const bad = {
    ...{ manifest_hash: digest("a"), expected_manifest_hash: digest("b"), journal_gaps: 1 },
    ...{ pending_operations: 1, leaked_obligations: 1, path_outcomes_consistent: false },
  };
  const types = (oracle: TransferOracle): readonly string[] =>
    oracle.validateTransfer(bad).violations.map(({ violation_type: type }) => type);
  const all = types(new TransferOracle("x"));
  expect(all).toEqual(CHECKS.slice(0, 5).map((check) => BROKEN[check][1]));
  const off = [
    new TransferOracle("x").withManifestChecks(false),
    new TransferOracle("x").withJournalChecks(false),
    new TransferOracle("x").withQuiescenceChecks(false),
    new TransferOracle("x").withObligationChecks(false),
    new TransferOracle("x").withPathConsistencyChecks(false),
  ];
  for (const [index, oracle] of off.entries()) expect(types(oracle)).toEqual(all.toSpliced(index, 1));
  expect(types(new TransferOracle("x").withManifestChecks(false).withManifestChecks(true))).toEqual(all);
  const result = new TransferOracle("x").validateTransfer(bad);
  expect(result.highSeverityViolations()).toHaveLength(4);
  expect(Object.keys(JSON.parse(JSON.stringify(result)) as object)).toEqual([
    ...["oracle_name", "violations", "stats", "passed"],
  ]);
});
