import { EXIT } from "../../base/errors.ts";
import { type Json, type JsonObject, stringifyJson } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import type { Examination } from "../../crashpack/examine.ts";
import { packLedger } from "../../crashpack/ledger-text.ts";
import { examinePack } from "../../crashpack/open.ts";
import { soundFacts } from "../../crashpack/read.ts";
import type { PackFacts } from "../../crashpack/types.ts";
import { type MeasuredLedger, measuredLedger } from "../../evidence/measured.ts";
import { MEASURED_WEIGHTS } from "../../evidence/measured-weights.ts";
import { measuredLines, measuredTogether } from "../../reports/measured.ts";
import { printable } from "../../reports/printable.ts";
import { truncateText } from "../../reports/text.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { CommonFlags, Run } from "../context.ts";
import { packPath } from "../crashpack/find.ts";

/** Longer values are cut for people; `--json` has them whole. */
const MAX_COLUMNS = 160;

export const run: Run<CommonFlags, [string]> = async (context, flags, told) => {
  const path = await packPath(context, told);
  const examination = await examinePack(nodeWorld, path);
  const facts = soundFacts(examination, path);
  context.out(
    flags.json
      ? `${stringifyJson(document(path, facts, examination))}\n`
      : words(facts, examination).map(line).join(""),
  );
  return EXIT.ok;
};

function document(path: string, facts: PackFacts, { events, files, hex, sizeBytes }: Examination): Json {
  const { schema_version, oracle_results, seeds, artifact_paths, metadata } = facts;
  const said = { schema_version, oracle_results, seeds, artifact_paths, metadata } as unknown as JsonObject;
  const ledger = packLedger(facts) as unknown as JsonObject;
  // Beside the ledger, not in it: a pack says the same for ever, and later versions measure anew.
  const measured = measuredOf(facts) as unknown as JsonObject;
  return { path, sha256: hex, files, size: sizeBytes, events, ...said, ledger, measured };
}

function measuredOf({ oracle_results: results }: PackFacts): MeasuredLedger {
  return measuredLedger(results, MEASURED_WEIGHTS);
}

function words(facts: PackFacts, { events, files, sizeBytes }: Examination): string[] {
  const { oracle_results: results, seeds, metadata, artifact_paths: paths } = facts;
  const violations = results.flatMap((result) => result.violations);
  const count = violations.length === 1 ? "1 violation" : `${violations.length} violations`;
  const pairs = (title: string, map: Readonly<Record<string, unknown>>): string[] =>
    Object.entries(map).map(([key, value]) => `${title}  ${key} = ${String(value)}`);
  const measured = measuredOf(facts);
  return [
    `${count} by ${results.length} oracles on ${events.toLocaleString("en-US")} events`,
    ...results.flatMap((result, index) => [
      `  ${result.passed ? "pass" : "FAIL"}  ${result.oracle_name}`,
      ...result.violations.map(
        ({ violation_type: type, severity, description }) => `        ${severity}  ${type}: ${description}`,
      ),
      ...measuredLines(measured.entries[index]).map((each) => `        ${each}`),
    ]),
    ...measuredTogether(measured),
    ...pairs("seed    ", seeds),
    ...pairs("metadata", metadata),
    ...paths.map((each) => `file      ${each}`),
    `sound     ${files} files, ${formatBytes(sizeBytes)}, agree with each other`,
  ];
}

function line(text: string): string {
  return `  ${truncateText(printable(text), MAX_COLUMNS)}\n`;
}
