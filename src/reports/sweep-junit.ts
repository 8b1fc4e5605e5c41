import { stringifyJson } from "../base/json.ts";
import type { SweepFinding, SweepReport } from "../contracts/sweep-report.ts";
import { commandText } from "./chaos-words.ts";
import { reasonText } from "./reason.ts";
import { summaryText } from "./sweep-table.ts";
import { xmlAttribute, xmlText } from "./xml.ts";

/** Sweeps as JUnit XML, a suite each: a case a finding, known ones skipped, and one case for all that went well. */
export function sweepJunit(reports: readonly SweepReport[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="apr qa sweep"${totals(reports)}>
${reports.map(suite).join("")}</testsuites>
`;
}

function suite(report: SweepReport): string {
  const cases = [wholeCase(report), ...report.findings.map(findingCase)];
  return `  <testsuite${xmlAttribute("name", commandText(report.command))}${totals([report])}>
${cases.join("")}    <system-out>${xmlText(summaryText(report))}</system-out>
    <system-err>${xmlText(report.baseline.exit_code === 0 ? "" : report.baseline.stderr)}</system-err>
  </testsuite>
`;
}

function totals(reports: readonly SweepReport[]): string {
  const findings = reports.flatMap((report) => report.findings);
  const known = findings.filter((finding) => finding.known !== null).length;
  const inconclusive = reports.filter(({ verdict }) => verdict === "inconclusive").length;
  const ms = reports.reduce((sum, report) => sum + report.duration_ms, 0);
  return (
    xmlAttribute("tests", findings.length + reports.length) +
    xmlAttribute("failures", findings.length - known) +
    xmlAttribute("errors", 0) +
    xmlAttribute("skipped", known + inconclusive) +
    xmlAttribute("time", ms / 1000)
  );
}

function wholeCase(report: SweepReport): string {
  const attributes =
    xmlAttribute("name", "sweep") +
    xmlAttribute("classname", "apr.sweep") +
    xmlAttribute("time", report.sweep_ms / 1000);
  const reason = report.blind === null ? summaryText(report) : reasonText(report.blind);
  const skipped =
    report.verdict === "inconclusive"
      ? `      <skipped${xmlAttribute("message", `inconclusive: ${reason}`)}/>\n`
      : "";
  return `    <testcase${attributes}>
${skipped}      <system-out>${xmlText(stringifyJson({ ...report.counts }))}</system-out>
    </testcase>
`;
}

function findingCase(finding: SweepFinding): string {
  const attributes =
    xmlAttribute("name", finding.id) +
    xmlAttribute("classname", `apr.sweep.${finding.class.replaceAll(" ", "-")}`) +
    xmlAttribute("time", 0);
  return `    <testcase${attributes}>
${outcome(finding)}      <system-out>${xmlText(`reproduce: ${finding.reproduce}`)}</system-out>
    </testcase>
`;
}

function outcome(finding: SweepFinding): string {
  const { first, known, where, points, why, repeats } = finding;
  if (known !== null) return `      <skipped${xmlAttribute("message", `known: ${known}`)}/>\n`;
  const body = [
    `${where}: ${first.happened}`,
    first.proof,
    `${points} points, ${repeats.same} of ${repeats.tried} times`,
    why,
  ];
  const message = xmlAttribute("message", `${where}: ${first.happened}`);
  return `      <failure${message}${xmlAttribute("type", finding.class)}>${xmlText(body.join("\n"))}</failure>\n`;
}
