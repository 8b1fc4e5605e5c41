import { type Json, stringifyJson } from "../base/json.ts";
import { type LedgerDocument, evidenceLedger } from "../evidence/ledger.ts";
import { PACK_FILES, TRACE } from "./names.ts";
import type { PackFacts } from "./types.ts";

/** The ledger of a pack: an entry for each result, every file's name. */
export function packLedger(facts: PackFacts): LedgerDocument {
  return evidenceLedger({
    results: facts.oracle_results.map((result, index) => ({
      result,
      artifactPath: TRACE,
      timestamp: facts.timestamps[index] ?? index,
    })),
    seeds: facts.seeds,
    artifactPaths: [...PACK_FILES, ...facts.artifact_paths],
    metadata: facts.metadata,
  });
}

/** The text of `evidence-ledger.json`. */
export function ledgerText(ledger: LedgerDocument): string {
  return stringifyJson(ledger as unknown as Json, 2);
}
