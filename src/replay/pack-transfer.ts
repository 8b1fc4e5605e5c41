import { type FailedRun, packOfRun } from "../crashpack/of-run.ts";
import type { AtpCrashpack } from "../crashpack/pack.ts";
import { RECORD_FILE, type TransferRecord } from "./recording/format.ts";

/** A failed transfer as it is packed, with its record where there is one. */
export function failedTransfer(run: FailedRun, record: TransferRecord | null): FailedRun {
  const artifacts = record === null ? {} : { [RECORD_FILE]: `${JSON.stringify(record)}\n` };
  return {
    ...run,
    metadata: { ...run.metadata, kind: "transfer" },
    artifacts: { ...run.artifacts, ...artifacts },
  };
}

/** What its pack finds wrong: the same for the same trace. */
export function findingsOf(run: FailedRun): AtpCrashpack["oracle_results"] {
  return packOfRun(run).oracle_results;
}
