import { type Int, isU64Value } from "../base/ints.ts";
import { type LedgerEntry, type LedgerResult, ledgerEntry } from "./ledger-entry.ts";

/** The evidence of a run. Plain data: `stringifyJson` writes it without loss. Source: SPEC, section 5. */
export interface LedgerDocument {
  readonly schema_version: 1;
  readonly entries: readonly LedgerEntry[];
  /** Unsigned 64-bit, by name. */
  readonly seeds: Readonly<Record<string, Int>>;
  readonly artifact_paths: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface LedgerInput {
  readonly results: readonly {
    readonly result: LedgerResult;
    readonly artifactPath: string | null;
    /** Its index unless given. */
    readonly timestamp?: number | string;
  }[];
  readonly seeds?: Readonly<Record<string, Int>>;
  readonly artifactPaths?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Makes a ledger: one entry for each result, in order; paths without repeats, the first one's place counts; maps
 * sorted by the UTF-8 bytes of their keys. Throws RangeError for a seed that is no unsigned 64-bit integer.
 */
export function evidenceLedger(input: LedgerInput): LedgerDocument {
  const { results, seeds = {}, artifactPaths = [], metadata = {} } = input;
  for (const [name, seed] of Object.entries(seeds)) {
    if (!isU64Value(seed)) throw new RangeError(`seed ${name} is no unsigned 64-bit integer`);
  }
  return {
    schema_version: 1,
    entries: results.map(({ result, artifactPath, timestamp }, index) =>
      ledgerEntry(result, artifactPath, timestamp ?? index),
    ),
    seeds: sorted(seeds),
    artifact_paths: [...new Set(artifactPaths)],
    metadata: sorted(metadata),
  };
}

function sorted<T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
  const entries = Object.entries(map).sort(([a], [b]) => Buffer.compare(bytes(a), bytes(b)));
  return Object.fromEntries(entries);
}
