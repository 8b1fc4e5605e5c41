import type { ChaosReport, FaultReport } from "../contracts/chaos-report.ts";
import type { Reason, VerdictWord } from "../contracts/types.ts";
import { commandText, countsText, factsText } from "./chaos-words.ts";
import { printable } from "./printable.ts";
import { reasonText } from "./reason.ts";
import { xmlAttribute, xmlText } from "./xml.ts";

interface Case {
  readonly name: string;
  readonly className: string;
  readonly seconds: number;
  readonly verdict: VerdictWord;
  readonly reasons: readonly Reason[];
  readonly fault: FaultReport;
}

/**
 * The report as JUnit XML: one suite for the command, one case for each fault's contract and strict verdict.
 * A failed verdict is a failure, an inconclusive one is skipped.
 */
export function chaosJunit(report: ChaosReport): string {
  const cases = report.faults.flatMap(casesOf);
  const count = (verdict: VerdictWord): number => cases.filter((each) => each.verdict === verdict).length;
  const totals =
    xmlAttribute("tests", cases.length) +
    xmlAttribute("failures", count("fail")) +
    xmlAttribute("errors", 0) +
    xmlAttribute("skipped", count("inconclusive")) +
    xmlAttribute("time", seconds(report.duration_ms));
  const summary = [factsText(report), ...report.sandbox.notes.map(printable), countsText(report.faults)].join(
    "\n",
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="apr qa chaos"${totals}>
  <testsuite${xmlAttribute("name", commandText(report.command))}${totals}>
${cases.map(caseXml).join("")}    <system-out>${xmlText(summary)}</system-out>
    <system-err>${xmlText(report.baseline.exit_code === 0 ? "" : report.baseline.stderr)}</system-err>
  </testsuite>
</testsuites>
`;
}

/** Both verdicts come from the same run: its time is counted once, with the contract's. */
function casesOf(fault: FaultReport): Case[] {
  const { contract, strict } = fault;
  const className = `apr.chaos.${fault.id}`;
  return [
    {
      name: `${fault.title}: contract`,
      className,
      seconds: seconds(fault.duration_ms),
      verdict: contract.verdict,
      reasons: contract.reason === null ? [] : [contract.reason],
      fault,
    },
    {
      name: `${fault.title}: strict`,
      className,
      seconds: 0,
      verdict: strict.verdict,
      reasons: strict.reasons,
      fault,
    },
  ];
}

function caseXml(each: Case): string {
  const attributes =
    xmlAttribute("name", each.name) +
    xmlAttribute("classname", each.className) +
    xmlAttribute("time", each.seconds);
  return `    <testcase${attributes}>
${outcomeXml(each)}      <system-out>${xmlText(`reproduce: ${each.fault.reproduce}`)}</system-out>
    </testcase>
`;
}

function outcomeXml({ verdict, reasons, fault }: Case): string {
  switch (verdict) {
    case "pass":
      return "";
    case "fail": {
      const type = reasons.map((reason) => reason.code).join(" ") || "fail";
      const body = [...reasons.map(reasonText), fault.happened, fault.why]
        .filter((line) => line !== "")
        .join("\n");
      return `      <failure${xmlAttribute("message", fault.happened)}${xmlAttribute("type", type)}>${xmlText(body)}</failure>\n`;
    }
    case "inconclusive": {
      const message = [...reasons.map(reasonText), fault.happened].join(": ");
      return `      <skipped${xmlAttribute("message", `inconclusive: ${message}`)}/>\n`;
    }
  }
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
