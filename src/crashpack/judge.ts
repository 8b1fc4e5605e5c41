import { type Json, type JsonObject, isJsonObject } from "../base/json.ts";
import { judgeGate } from "../contracts/judge.ts";
import type { Verdict } from "../contracts/types.ts";
import { transferGate } from "../oracles/checks.ts";
import type { Examination } from "./examine.ts";

/**
 * The verdicts over a pack: APR-ATP-PACK on what was cross-checked, and APR-ATP-ROUNDTRIP on the values that two of its
 * files hold in two formats: as the ledger has them, in JSON, and as journal and manifest have them, in their own text.
 */
export function judgePack(examination: Examination): readonly Verdict[] {
  const { disagreements, files } = examination;
  const pack = judgeGate(
    transferGate("APR-ATP-PACK"),
    {
      files_checked: files,
      disagreements: disagreements.map(({ file, other }) => (other === null ? { file } : { file, other })),
    },
    "live",
  );
  return [pack, judgeGate(transferGate("APR-ATP-ROUNDTRIP"), valuesOf(examination), "captured")];
}

/** Evidence without what could not be read: the gate says then that it is missing. */
function valuesOf({ ledger, manifest, results }: Examination): JsonObject {
  const read =
    manifest === null || results === null
      ? {}
      : {
          read: {
            seeds: manifest.seeds,
            metadata: manifest.metadata,
            oracles: results.map(({ oracle_name: name, passed }) => ({ name, passed })),
          },
        };
  return isJsonObject(ledger) ? { written: valuesInLedger(ledger), ...read } : read;
}

function valuesInLedger(ledger: JsonObject): JsonObject {
  const entries = ledger["entries"];
  return {
    seeds: ledger["seeds"] ?? null,
    metadata: ledger["metadata"] ?? null,
    oracles: Array.isArray(entries) ? entries.map((entry: Json) => oracleIn(entry)) : null,
  };
}

function oracleIn(entry: Json): Json {
  if (!isJsonObject(entry)) return null;
  const evidence = entry["evidence"];
  const passed = isJsonObject(evidence) ? evidence["passed"] : null;
  return { name: entry["oracle_name"] ?? null, passed: passed ?? null };
}
