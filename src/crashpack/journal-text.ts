import type { OracleResult } from "../oracles/checks.ts";
import type { Severity } from "../contracts/weights.ts";
import { MAX_RESULTS } from "./limits.ts";
import { type BadText, Lines } from "./text-lines.ts";
import { readPair, readValue, writeKey, writeValue } from "./text-value.ts";
import { sortedPairs } from "./utf8-order.ts";

const HEADER = "# ATP Journal Digest";

type Violation = OracleResult["violations"][number];

export const SEVERITIES: readonly Severity[] = ["low", "medium", "high", "critical"];

/** The text of `journal`. Source: SPEC, section 5. */
export function journalText(results: readonly OracleResult[]): string {
  return `${HEADER}\n${results.map(resultText).join("")}`;
}

function resultText({ oracle_name: name, stats, passed, violations }: OracleResult): string {
  const lines = [
    `oracle: ${writeValue(name)}`,
    `  events_recorded: ${stats.events_recorded}`,
    `  entities_tracked: ${stats.entities_tracked}`,
    `  passed: ${passed}`,
    ...(violations.length === 0 ? [] : ["  violations:", ...violations.flatMap(violationLines)]),
  ];
  return `${lines.join("\n")}\n`;
}

function violationLines({ violation_type: type, severity, description, evidence }: Violation): string[] {
  const pairs = sortedPairs(evidence);
  return [
    `    - type: ${writeValue(type)}`,
    `      severity: ${severity}`,
    `      description: ${writeValue(description)}`,
    ...(pairs.length === 0 ? [] : ["      evidence:"]),
    ...pairs.map(([key, value]) => `        ${writeKey(key)}: ${writeValue(value)}`),
  ];
}

/** Reads the text of `journal`. Throws BadText. It takes a little more than is ever written: write it again to see. */
export function readJournal(text: string): OracleResult[] {
  const lines = new Lines(text);
  lines.expect(HEADER);
  const results: OracleResult[] = [];
  while (!lines.ended) {
    if (results.length >= MAX_RESULTS) throw lines.bad(`more than ${MAX_RESULTS} results`);
    results.push(readResult(lines));
  }
  return results;
}

function readResult(lines: Lines): OracleResult {
  const name = valueOf(lines, "oracle: ");
  const recorded = readCount(lines, "  events_recorded: ");
  const tracked = readCount(lines, "  entities_tracked: ");
  const passed = lines.take("  passed: ");
  if (passed !== "true" && passed !== "false") throw lines.badBefore("is neither true nor false");
  const violations: Violation[] = [];
  if (lines.begins("  violations:")) {
    lines.expect("  violations:");
    do violations.push(readViolation(lines));
    while (lines.begins("    - "));
  }
  return {
    oracle_name: name,
    violations,
    stats: { entities_tracked: tracked, events_recorded: recorded },
    passed: passed === "true",
  };
}

function readViolation(lines: Lines): Violation {
  const type = valueOf(lines, "    - type: ");
  const word = lines.take("      severity: ");
  const severity = SEVERITIES.find((each) => each === word);
  if (severity === undefined) throw lines.badBefore("has no known severity");
  const description = valueOf(lines, "      description: ");
  const evidence: [string, string][] = [];
  if (lines.begins("      evidence:")) {
    lines.expect("      evidence:");
    do {
      const pair = readPair(lines.take("        "));
      if (pair === null) throw badPair(lines);
      evidence.push([...pair]);
    } while (lines.begins("        "));
  }
  return { violation_type: type, severity, description, evidence: Object.fromEntries(evidence) };
}

function badPair(lines: Lines): BadText {
  return lines.badBefore("is no key and value");
}

function valueOf(lines: Lines, prefix: string): string {
  const value = readValue(lines.take(prefix));
  if (value === null) throw lines.badBefore("holds a quoted value that is no JSON string");
  return value;
}

function readCount(lines: Lines, prefix: string): number {
  const word = lines.take(prefix);
  const count = Number(word);
  if (!/^[0-9]+$/.test(word) || !Number.isSafeInteger(count)) throw lines.badBefore("holds no count");
  return count;
}
