import { firstDifference } from "../base/json-path.ts";
import { isJsonArray, isJsonObject, type Json, parseJson } from "../base/json.ts";
import { asAprError } from "../base/errors.ts";
import type { OracleResult } from "../oracles/checks.ts";
import { journalDigestText } from "./digest-text.ts";
import { type Disagreement, differentLine, disagreement } from "./disagreement.ts";
import { journalText, readJournal } from "./journal-text.ts";
import { ledgerText, packLedger } from "./ledger-text.ts";
import { manifestText, type PackManifest, readManifest } from "./manifest-text.ts";
import { JOURNAL, JOURNAL_DIGEST, LEDGER, MANIFEST, SCRIPT } from "./names.ts";
import { replayScript, seedLines } from "./replay-script.ts";
import { BadText } from "./text-lines.ts";
import type { PackFacts, Timestamp } from "./types.ts";

/** The texts of a pack by name; one that could not be read is not in it, and was told already. */
export type Texts = ReadonlyMap<string, string>;

export interface Crossed {
  /** Null when journal, manifest or ledger cannot be read. */
  readonly facts: PackFacts | null;
  readonly manifest: PackManifest | null;
  readonly results: readonly OracleResult[] | null;
  readonly ledger: Json | undefined;
  readonly found: readonly Disagreement[];
}

/** Checks the texts of a pack against each other. Total: they may come from anywhere. */
export function crossTexts(texts: Texts, journalHex: string | null): Crossed {
  const found: Disagreement[] = [];
  const results = readText(texts, JOURNAL, readJournal, journalText, found);
  const manifest = readText(texts, MANIFEST, readManifest, manifestText, found);
  const ledger = readLedger(texts, found);
  const digest = texts.get(JOURNAL_DIGEST);
  const journal = texts.get(JOURNAL);
  if (digest !== undefined && journal !== undefined && journalHex !== null) {
    const said = journalDigestText(journalHex, Buffer.byteLength(journal));
    if (digest !== said) found.push(disagreement(JOURNAL_DIGEST, JOURNAL, "not the digest and size of it"));
  }
  if (manifest !== null && journalHex !== null && manifest.journal_digest !== `sha256:${journalHex}`) {
    found.push(disagreement(MANIFEST, JOURNAL, "it has another digest"));
  }
  if (manifest === null || results === null) return { facts: null, manifest, results, ledger, found };
  const violations = results.reduce((sum, result) => sum + result.violations.length, 0);
  if (manifest.violations !== violations) {
    const counts = `${manifest.violations} violations, and there are ${violations}`;
    found.push(disagreement(MANIFEST, JOURNAL, counts));
  }
  const facts: PackFacts = {
    schema_version: manifest.schema_version,
    oracle_results: results,
    timestamps: timestampsOf(ledger),
    seeds: manifest.seeds,
    artifact_paths: manifest.artifact_paths,
    metadata: manifest.metadata,
  };
  crossLedger(texts, ledger, facts, found);
  crossScript(texts, facts, found);
  return { facts, manifest, results, ledger, found };
}

/** Reads a text and writes it again: only what comes out the same was written by us and is whole. */
function readText<T>(
  texts: Texts,
  name: string,
  read: (text: string) => T,
  write: (value: T) => string,
  found: Disagreement[],
): T | null {
  const text = texts.get(name);
  if (text === undefined) return null;
  try {
    const value = read(text);
    const again = write(value);
    if (again === text) return value;
    const line = differentLine(text, again);
    found.push(disagreement(name, null, `line ${line} is not written as it would be`));
  } catch (error) {
    if (!(error instanceof BadText)) throw error;
    found.push(disagreement(name, null, error.message));
  }
  return null;
}

function readLedger(texts: Texts, found: Disagreement[]): Json | undefined {
  const text = texts.get(LEDGER);
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    if (asAprError(error).kind !== "malformed") throw error;
    found.push(disagreement(LEDGER, null, asAprError(error).message));
    return undefined;
  }
}

/** The one thing that only the ledger says. */
function timestampsOf(ledger: Json | undefined): (Timestamp | null)[] {
  const entries = isJsonObject(ledger) ? ledger["entries"] : undefined;
  if (!isJsonArray(entries)) return [];
  return entries.map((entry, index) => {
    const timestamp = isJsonObject(entry) ? entry["timestamp"] : undefined;
    if (timestamp === index) return null;
    return typeof timestamp === "number" || typeof timestamp === "string" ? timestamp : null;
  });
}

const FROM_JOURNAL = ["entries"] as const;
const FROM_MANIFEST = ["schema_version", "seeds", "artifact_paths", "metadata"] as const;

function crossLedger(texts: Texts, ledger: Json | undefined, facts: PackFacts, found: Disagreement[]): void {
  const text = texts.get(LEDGER);
  if (text === undefined || ledger === undefined) return;
  if (!isJsonObject(ledger)) {
    found.push(disagreement(LEDGER, null, "is no object"));
    return;
  }
  const made = packLedger(facts);
  const before = found.length;
  for (const [other, keys] of [
    [JOURNAL, FROM_JOURNAL],
    [MANIFEST, FROM_MANIFEST],
  ] as const) {
    for (const key of keys) {
      const said = Object.hasOwn(ledger, key) ? ledger[key] : undefined;
      const at = firstDifference(said, made[key] as unknown as Json);
      if (at !== null) found.push(disagreement(LEDGER, other, `they differ at ${key}${at.slice(1, 200)}`));
    }
  }
  if (found.length > before) return;
  const again = ledgerText(made);
  if (again === text) return;
  const line = differentLine(text, again);
  found.push(disagreement(LEDGER, null, `line ${line} is not written as it would be`));
}

function crossScript(texts: Texts, facts: PackFacts, found: Disagreement[]): void {
  const script = texts.get(SCRIPT);
  const made = replayScript(facts);
  if (script === undefined || script === made) return;
  // The seeds come from the manifest, the oracles' names from the journal.
  const other = script.includes(`\n${seedLines(facts.seeds)}exec `) ? JOURNAL : MANIFEST;
  found.push(disagreement(SCRIPT, other, `line ${differentLine(script, made)} is not the one they give`));
}
