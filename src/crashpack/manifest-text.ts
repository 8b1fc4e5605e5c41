import { type Int, intOf, U64_MAX } from "../base/ints.ts";
import { JOURNAL_DIGEST, LEDGER } from "./names.ts";
import { Lines } from "./text-lines.ts";
import { readPair, readValue, writeKey, writeValue } from "./text-value.ts";
import type { ATP_CRASHPACK_SCHEMA_VERSION } from "./types.ts";
import { sortedPairs } from "./utf8-order.ts";

const HEADER = "# ATP Crashpack Manifest";

/** What the text of `manifest` says. */
export interface PackManifest {
  readonly schema_version: typeof ATP_CRASHPACK_SCHEMA_VERSION;
  /** Over all results. */
  readonly violations: number;
  /** `sha256:<hex>` */
  readonly journal_digest: string;
  readonly seeds: Readonly<Record<string, Int>>;
  readonly artifact_paths: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The text of `manifest`. Source: SPEC, section 5. */
export function manifestText(manifest: PackManifest): string {
  const seeds = sortedPairs(manifest.seeds);
  const paths = manifest.artifact_paths;
  const lines = [
    HEADER,
    `schema_version: ${manifest.schema_version}`,
    `violations: ${manifest.violations}`,
    `journal_digest: ${manifest.journal_digest}`,
    `journal_digest_artifact: ${JOURNAL_DIGEST}`,
    `evidence_ledger: ${LEDGER}`,
    ...sortedPairs(manifest.metadata).map(
      ([key, value]) => `metadata.${writeKey(key)}: ${writeValue(value)}`,
    ),
    ...(seeds.length === 0 ? [] : ["seeds:"]),
    ...seeds.map(([name, seed]) => `  ${writeKey(name)}: ${seed}`),
    ...(paths.length === 0 ? [] : ["artifact_paths:"]),
    ...paths.map((path) => `  - ${writeValue(path)}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** Reads the text of `manifest`. Throws BadText. It takes a little more than is ever written. */
export function readManifest(text: string): PackManifest {
  const lines = new Lines(text);
  lines.expect(HEADER);
  if (lines.take("schema_version: ") !== "1") throw lines.badBefore("is not version 1, the only one known");
  const violations = Number(readU64Text(lines, lines.take("violations: ")));
  const digest = lines.take("journal_digest: ");
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw lines.badBefore("holds no SHA-256 digest");
  lines.expect(`journal_digest_artifact: ${JOURNAL_DIGEST}`);
  lines.expect(`evidence_ledger: ${LEDGER}`);
  const metadata: [string, string][] = [];
  while (lines.begins("metadata.")) metadata.push(pairOf(lines, "metadata."));
  const seeds: [string, Int][] = [];
  if (lines.begins("seeds:")) {
    lines.expect("seeds:");
    do {
      const [name, seed] = pairOf(lines, "  ");
      seeds.push([name, readU64Text(lines, seed)]);
    } while (lines.begins("  "));
  }
  const paths: string[] = [];
  if (lines.begins("artifact_paths:")) {
    lines.expect("artifact_paths:");
    do paths.push(pathOf(lines));
    while (!lines.ended);
  }
  if (!lines.ended) throw lines.bad("is none that a manifest has");
  return {
    schema_version: 1,
    violations,
    journal_digest: digest,
    seeds: Object.fromEntries(seeds),
    artifact_paths: paths,
    metadata: Object.fromEntries(metadata),
  };
}

function pairOf(lines: Lines, prefix: string): [string, string] {
  const pair = readPair(lines.take(prefix));
  if (pair === null) throw lines.badBefore("is no key and value");
  return [...pair];
}

function pathOf(lines: Lines): string {
  const path = readValue(lines.take("  - "));
  if (path === null) throw lines.badBefore("holds a quoted value that is no JSON string");
  return path;
}

function readU64Text(lines: Lines, word: string): Int {
  if (/^[0-9]{1,20}$/.test(word)) {
    const value = BigInt(word);
    if (value <= U64_MAX) return intOf(value);
  }
  throw lines.badBefore("holds no unsigned 64-bit integer");
}
