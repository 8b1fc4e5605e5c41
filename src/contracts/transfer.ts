import { fail, gatesOf, pass } from "./define.ts";
import { oracleYields, runTransferOracle } from "./transfer-oracle.ts";
import { transferStateFields } from "./transfer-state.ts";
import { transferStrictGates } from "./transfer-strict.ts";
import { switchField } from "./transfer-switches.ts";
import type { Contract, Gate } from "./types.ts";

const oracleGate: Gate = gatesOf("atp-transfer")({
  name: "oracle",
  origin: "seed",
  rule: "No enabled check finds a violation in the transfer's state.",
  fields: {
    name: { kind: "string", about: "The oracle's name." },
    checks: switchField,
    state: { kind: "object", about: "The transfer's state.", fields: transferStateFields },
  },
  codes: ["manifest_integrity", "journal_consistency", "quiescence", "obligation_leak", "path_consistency"],
  judge: ({ name, checks, state }) => {
    const result = runTransferOracle(name, checks ?? {}, state);
    const first = result.violations[0];
    return first === undefined
      ? pass(oracleYields(result))
      : fail(first.violation_type, undefined, oracleYields(result));
  },
});

export const transferContract: Contract = {
  id: "atp-transfer",
  version: "1",
  title: "Transfers judged, evidence kept",
  gates: [oracleGate, ...transferStrictGates],
};
