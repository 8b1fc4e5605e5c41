import type { Int } from "../base/ints.ts";
import { type Json, stringifyJson } from "../base/json.ts";
import type { Strength } from "../contracts/weights.ts";
import { evidenceLedger, type LedgerDocument, type LedgerInput } from "./ledger.ts";
import type { LedgerEntry, LedgerResult } from "./ledger-entry.ts";

/** An entry of a ledger: one result of an oracle with its assigned weight. */
export type EvidenceEntry = LedgerEntry;

/** A ledger in numbers. */
export interface EvidenceSummary {
  readonly entries: number;
  /** Entries that did not pass. */
  readonly violations: number;
  readonly by_strength: Readonly<Record<Strength, number>>;
  /** Entries whose evidence is strong or very strong, in order. By assigned weights: they are not measured. */
  readonly strong: readonly EvidenceEntry[];
}

/** Collects the evidence of a run. Every `record…` and `add…` returns the ledger itself. */
export class EvidenceLedger {
  readonly #results: LedgerInput["results"][number][] = [];
  readonly #seeds = new Map<string, Int>();
  readonly #paths: string[] = [];
  readonly #metadata = new Map<string, string>();

  /** `timestamp` is the entry's index unless given: no clock is read. */
  recordOracleResult(
    result: LedgerResult,
    about: { readonly artifactPath?: string; readonly timestamp?: number | string } = {},
  ): this {
    const { artifactPath = null, timestamp = this.#results.length } = about;
    this.#results.push({ result, artifactPath, timestamp });
    return this;
  }

  /** An unsigned 64-bit seed; of a name given twice the last one counts. */
  recordSeed(name: string, seed: Int): this {
    this.#seeds.set(name, seed);
    return this;
  }

  recordArtifactPath(path: string): this {
    this.#paths.push(path);
    return this;
  }

  addMetadata(key: string, value: string): this {
    this.#metadata.set(key, value);
    return this;
  }

  /** Throws RangeError for a seed that is no unsigned 64-bit integer. */
  document(): LedgerDocument {
    return evidenceLedger({
      results: this.#results,
      seeds: Object.fromEntries(this.#seeds),
      artifactPaths: this.#paths,
      metadata: Object.fromEntries(this.#metadata),
    });
  }

  /** The text of an `evidence-ledger.json`. Throws as `document` does. */
  exportJson(): string {
    return stringifyJson(this.document() as unknown as Json, 2);
  }

  summary(): EvidenceSummary {
    return summaryOf(this.document().entries);
  }
}

function summaryOf(entries: readonly EvidenceEntry[]): EvidenceSummary {
  const strengths = entries.map(({ evidence }) => evidence.bayes_factor.strength);
  const count = (strength: Strength): number => strengths.filter((each) => each === strength).length;
  return {
    entries: entries.length,
    violations: entries.filter(({ evidence }) => !evidence.passed).length,
    by_strength: {
      against: count("against"),
      negligible: count("negligible"),
      positive: count("positive"),
      strong: count("strong"),
      very_strong: count("very_strong"),
    },
    strong: entries.filter((_, index) => ["strong", "very_strong"].includes(strengths[index] ?? "")),
  };
}
