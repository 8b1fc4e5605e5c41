import { type Int, readU64 } from "../base/ints.ts";
import type { Json } from "../base/json.ts";
import type { Severity } from "./weights.ts";

/** Evidence fields of the transfer state. Counts are integers from 0. */
export const transferStateFields = {
  manifest_hash: { kind: "string", about: "Digest of the manifest that arrived." },
  expected_manifest_hash: { kind: "string", about: "Digest that it should have." },
  journal_gaps: { kind: "u64", about: "Gaps and ordering violations in the journal." },
  pending_operations: { kind: "u64", about: "Operations still pending at the end." },
  leaked_obligations: { kind: "u64", about: "Obligations that nobody released." },
  path_outcomes_consistent: { kind: "boolean", about: "All paths of the transfer ended alike." },
} as const;

/** What the oracle judges. */
export interface TransferState {
  readonly manifest_hash: string;
  readonly expected_manifest_hash: string;
  readonly journal_gaps: Json;
  readonly pending_operations: Json;
  readonly leaked_obligations: Json;
  readonly path_outcomes_consistent: boolean;
}

/** The state of a transfer in which nothing happened: clean. */
export const CLEAN_TRANSFER_STATE: TransferState = {
  manifest_hash: "",
  expected_manifest_hash: "",
  journal_gaps: 0,
  pending_operations: 0,
  leaked_obligations: 0,
  path_outcomes_consistent: true,
};

export type TransferCheck = "manifest" | "journal" | "quiescence" | "obligation" | "path_consistency";

export type TransferViolationType =
  | "manifest_integrity"
  | "journal_consistency"
  | "quiescence"
  | "obligation_leak"
  | "path_consistency";

export interface TransferViolation {
  readonly violation_type: TransferViolationType;
  readonly severity: Severity;
  readonly description: string;
  readonly evidence: Readonly<Record<string, string>>;
}

type Check = (state: TransferState) => TransferViolation | null;

function countCheck(
  type: TransferViolationType,
  severity: Severity,
  read: (state: TransferState) => Json,
  key: string,
  describe: (count: Int) => string,
): Check {
  return (state) => {
    const count = readU64(read(state));
    if (count <= 0) return null;
    return { violation_type: type, severity, description: describe(count), evidence: { [key]: `${count}` } };
  };
}

/** The five checks by their switch, in the order in which they run. Source: seed 004. */
export const transferChecks: readonly (readonly [TransferCheck, Check])[] = [
  [
    "manifest",
    ({ manifest_hash: actual, expected_manifest_hash: expected }) =>
      actual === expected
        ? null
        : {
            violation_type: "manifest_integrity",
            severity: "high",
            description: `Manifest hash mismatch: expected ${expected}, got ${actual}`,
            evidence: { expected_hash: expected, actual_hash: actual },
          },
  ],
  [
    "journal",
    countCheck(
      "journal_consistency",
      "high",
      (state) => state.journal_gaps,
      "gap_count",
      (count) => `Journal has ${count} gaps or ordering violations`,
    ),
  ],
  [
    "quiescence",
    countCheck(
      "quiescence",
      "medium",
      (state) => state.pending_operations,
      "pending_count",
      (count) => `Transfer attempted with ${count} pending operations`,
    ),
  ],
  [
    "obligation",
    countCheck(
      "obligation_leak",
      "high",
      (state) => state.leaked_obligations,
      "leak_count",
      (count) => `Found ${count} leaked obligations`,
    ),
  ],
  [
    "path_consistency",
    (state) =>
      state.path_outcomes_consistent
        ? null
        : {
            violation_type: "path_consistency",
            severity: "high",
            description: "Path outcomes are inconsistent across replicas",
            evidence: {},
          },
  ],
];
