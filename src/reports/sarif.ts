import { type Json, stringifyJson } from "../base/json.ts";
import { SWEEP_CLASSES, type SweepSeverity, severityOf } from "../contracts/sweep-classes.ts";
import type { SweepFinding, SweepReport } from "../contracts/sweep-report.ts";
import { commandText } from "./chaos-words.ts";

// Source: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0.
const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

const LEVEL: Readonly<Record<SweepSeverity, string>> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
};

/** How code hosts rank a rule: from 0.0 to 10.0. */
const RANK: Readonly<Record<SweepSeverity, string>> = {
  critical: "9.5",
  high: "8.0",
  medium: "5.5",
  low: "3.0",
};

/** One report with the place that its findings are shown at: the scenario's file, or the file that runs the sweep. */
export interface SarifSource {
  readonly report: SweepReport;
  /** Relative to the repository's root. */
  readonly file: string;
}

/** Sweeps as one SARIF run. A known finding is there, suppressed. */
export function sweepSarif(sources: readonly SarifSource[], version: string): string {
  const rules = SWEEP_CLASSES.map((name) => ({
    id: ruleId(name),
    name: name.replaceAll(/(^| )([a-z])/g, (_, __, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `Under a fault: ${name}` },
    defaultConfiguration: { level: LEVEL[severityOf(name)] },
    properties: { "security-severity": RANK[severityOf(name)], tags: ["fault-injection"] },
  }));
  const results = sources.flatMap(({ report, file }) =>
    report.findings.map((finding) => resultOf(finding, report, file)),
  );
  const document = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "apr", version, rules } }, columnKind: "utf16CodeUnits", results }],
  };
  return `${stringifyJson(document as unknown as Json, 2)}\n`;
}

function resultOf(finding: SweepFinding, report: SweepReport, file: string): object {
  const command = commandText(report.command);
  const text = `${command}: ${finding.class} after ${finding.where}: ${finding.first.happened}. To see it: ${finding.reproduce}`;
  return {
    ruleId: ruleId(finding.class),
    level: LEVEL[finding.severity],
    message: { text },
    locations: [{ physicalLocation: { artifactLocation: { uri: file }, region: { startLine: 1 } } }],
    partialFingerprints: { "aprFinding/v1": `${command} ${finding.id}` },
    ...(finding.known === null ? {} : { suppressions: [{ kind: "external", justification: finding.known }] }),
  };
}

function ruleId(name: string): string {
  return `apr-sweep/${name.replaceAll(" ", "-")}`;
}
