import { stringifyJson } from "../base/json.ts";
import type { SweepFinding, SweepReport } from "../contracts/sweep-report.ts";
import { commandText } from "./chaos-words.ts";
import { reasonText } from "./reason.ts";
import { summaryText } from "./sweep-table.ts";
import { xmlAttribute, xmlText } from "./xml.ts";

/** A sweep as JUnit XML: a case a finding, known ones skipped, and one case for all that was handled well. */
export function sweepJunit(report: SweepReport): string {
  const cases = [wholeCase(report), ...report.findings.map(findingCase)];
  const skipped = report.findings.filter(({ known }) => known !== null).length;
  const inconclusive = report.verdict === "inconclusive" ? 1 : 0;
  const totals =
    xmlAttribute("tests", cases.length) +
    xmlAttribute("failures", report.findings.length - skipped) +
    xmlAttribute("errors", 0) +
    xmlAttribute("skipped", skipped + inconclusive) +
    xmlAttribute("time", report.duration_ms / 1000);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="apr qa sweep"${totals}>
  <testsuite${xmlAttribute("name", commandText(report.command))}${totals}>
${cases.join("")}    <system-out>${xmlText(summaryText(report))}</system-out>
    <system-err>${xmlText(report.baseline.exit_code === 0 ? "" : report.baseline.stderr)}</system-err>
  </testsuite>
</testsuites>
`;
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
