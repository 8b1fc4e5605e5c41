import { formatBytes, formatDuration } from "../../base/units.ts";
import type { SweepFinding, SweepReport } from "../../contracts/sweep-report.ts";
import { commandText } from "../chaos-words.ts";
import { reasonText } from "../reason.ts";
import type { Block, Cell, Page } from "./blocks.ts";
import { gatesTable } from "./gates-table.ts";
import { sweepMatrix } from "./sweep-matrix.ts";

/** The first findings stand open: enough to read without a click, and a page that still opens at once. */
const OPEN_FINDINGS = 5;

/** The page of `apr qa sweep`: what failed, where, and the line that shows it again. */
export function sweepPage(report: SweepReport): Page {
  const { findings, inconclusive, setup, unreached } = report;
  const matrix = sweepMatrix(report, anchorOf);
  return {
    title: `apr qa sweep: ${commandText(report.command)}`,
    finding: findingText(report),
    verdict: report.verdict,
    blocks: [
      { kind: "facts", rows: factRows(report) },
      overview(findings),
      ...(matrix === null ? [] : [{ kind: "picture", picture: matrix } as const]),
      {
        kind: "section",
        title: "Finding by finding",
        blocks: [
          ...findings.map((finding, index) => detailsOf(report, finding, index)),
          ...(findings.length === 0
            ? []
            : [{ kind: "code", label: "shell that the short lines need, once", text: setup } as const]),
        ],
      },
      furtherTable(report),
      ...(inconclusive.length === 0 ? [] : [inconclusiveTable(report)]),
      ...(unreached.length === 0
        ? []
        : [
            {
              kind: "details",
              summary: `${report.counts.not_reached} points were not reached`,
              blocks: [{ kind: "code", label: "points that were not reached", text: unreached.join("\n") }],
            } as const,
          ]),
      ...report.sandbox.notes.map((text): Block => ({ kind: "text", text: `sandbox: ${text}` })),
    ],
  };
}

function anchorOf(index: number): string {
  return `finding-${index + 1}`;
}

function findingText({ counts, findings, blind }: SweepReport): string {
  const open = findings.filter(({ known }) => known === null).length;
  const known = findings.length - open;
  const tried = counts.total - counts.not_tried;
  return [
    `${open} ${open === 1 ? "finding" : "findings"}${known === 0 ? "" : `, ${known} known`}`,
    `${counts.failed} of ${tried} tried points failed`,
    ...(counts.not_tried === 0 ? [] : [`${counts.not_tried} not tried`]),
    ...(blind === null ? [] : ["system calls could not be watched"]),
  ].join("; ");
}

function factRows(report: SweepReport): (readonly [string, Cell])[] {
  const { baseline, blind, counts, model, sandbox, sweep_ms: ms } = report;
  const exit = baseline.exit_code === null ? "does not end" : `exit ${baseline.exit_code}`;
  const same = { true: ", same bytes each time", false: ", different bytes each time", null: "" } as const;
  const tried = counts.total - counts.not_tried;
  return [
    ...(model === null ? [] : [["model", `${model.path}, ${formatBytes(model.bytes)}`] as const]),
    ["clean run", `${exit}, ${formatDuration(baseline.duration_ms)}${same[`${baseline.deterministic}`]}`],
    ["output", baseline.output_bytes === null ? "none named" : formatBytes(baseline.output_bytes)],
    ["points", `${tried} of ${counts.total} tried in ${formatDuration(ms)}`],
    ["failed", { text: String(counts.failed), verdict: counts.failed === 0 ? "pass" : "fail" }],
    ["handled well", String(counts.passed)],
    ["inconclusive", String(counts.inconclusive)],
    ["not reached", String(counts.not_reached)],
    ["not tried", String(counts.not_tried)],
    ["kept to its sandbox", sandbox.confined ? "yes" : "no: the command could write elsewhere"],
    ...(blind === null ? [] : [["system calls", `could not be watched: ${reasonText(blind)}`] as const]),
    ...(baseline.exit_code === 0 ? [] : [["stderr of the clean run", baseline.stderr] as const]),
  ];
}

function overview(findings: readonly SweepFinding[]): Block {
  const titles = ["class", "severity", "where", "what happened"].map((title) => ({ title }));
  return {
    kind: "table",
    caption: "Findings, the worst first",
    columns: [...titles, { title: "points", numeric: true }, { title: "repeats", numeric: true }],
    rows: findings.map((finding): Cell[] => [
      { text: finding.class, verdict: finding.known === null ? "fail" : "inconclusive" },
      finding.known === null ? finding.severity : `${finding.severity}, known: ${finding.known}`,
      finding.where,
      finding.first.happened,
      String(finding.points),
      `${finding.repeats.same} of ${finding.repeats.tried}`,
    ]),
  };
}

function detailsOf(report: SweepReport, finding: SweepFinding, index: number): Block {
  const { first, known, members, points } = finding;
  const pack = report.packs[finding.id];
  const columns = ["point", "exit code", "what happened", "proof that the fault fired"];
  return {
    kind: "details",
    anchor: anchorOf(index),
    open: index < OPEN_FINDINGS,
    summary: {
      text: `${finding.class}: ${finding.where}: ${first.happened}`,
      verdict: known === null ? "fail" : "inconclusive",
    },
    blocks: [
      ...(known === null ? [] : [{ kind: "text", text: `Known: ${known}` } as const]),
      ...(finding.why === "" ? [] : [{ kind: "text", text: `Why it matters: ${finding.why}` } as const]),
      { kind: "code", label: `how to reproduce finding ${index + 1}`, text: finding.reproduce },
      ...(pack === undefined
        ? []
        : [{ kind: "code", label: `crashpack of finding ${index + 1}`, text: pack } as const]),
      gatesTable(finding.verdicts, `Gates of finding ${index + 1}`),
      {
        kind: "table",
        caption: `Runs of finding ${index + 1}: ${members.length} of ${points}`,
        columns: columns.map((title) => ({ title })),
        rows: members.map(({ exit_code: code, happened, point, proof }): Cell[] => [
          point,
          code === null ? "none" : String(code),
          happened,
          proof,
        ]),
      },
    ],
  };
}

function furtherTable({ further }: SweepReport): Block {
  const columns = [
    { title: "fault" },
    { title: "verdict" },
    { title: "failed", numeric: true },
    { title: "why" },
  ];
  return {
    kind: "table",
    caption: "Further faults",
    columns,
    rows: further.map(({ failed, reasons, title, tried, verdict }): Cell[] => [
      title,
      { text: verdict, verdict },
      `${failed} of ${tried}`,
      reasons.map(reasonText).join("; "),
    ]),
  };
}

function inconclusiveTable({ inconclusive }: SweepReport): Block {
  return {
    kind: "table",
    caption: "What could not be told",
    columns: [{ title: "reason" }, { title: "points", numeric: true }],
    rows: inconclusive.map(({ points, reason }): Cell[] => [reasonText(reason), String(points)]),
  };
}
