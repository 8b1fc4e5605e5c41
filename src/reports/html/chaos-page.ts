import { formatBytes, formatDuration } from "../../base/units.ts";
import type { ChaosReport, FaultReport } from "../../contracts/chaos-report.ts";
import { commandText, countsText, factsText, faultText, happenedText } from "../chaos-words.ts";
import { reasonText } from "../reason.ts";
import type { Block, Cell, Page } from "./blocks.ts";
import { gatesTable } from "./gates-table.ts";

/** The page of `apr qa chaos`: the matrix of faults, and for each what happened and how to see it again. */
export function chaosPage(report: ChaosReport): Page {
  const { baseline, faults, sandbox } = report;
  return {
    title: `apr qa chaos: ${commandText(report.command)}`,
    finding: countsText(faults),
    verdict: report.verdict,
    blocks: [
      { kind: "text", text: factsText(report) },
      matrix(faults),
      ...memory(report),
      { kind: "section", title: "Fault by fault", blocks: faults.map(detailsOf) },
      {
        kind: "section",
        title: "The clean run",
        blocks: [
          {
            kind: "facts",
            rows: [
              ["exit code", String(baseline.exit_code ?? "still running")],
              ["duration", formatDuration(baseline.duration_ms)],
              ["output", baseline.output_bytes === null ? "none named" : formatBytes(baseline.output_bytes)],
            ],
          },
          ...(baseline.stderr === ""
            ? []
            : [{ kind: "code", label: "stderr of the clean run", text: baseline.stderr } as const]),
          ...sandbox.notes.map((text): Block => ({ kind: "text", text: `sandbox: ${text}` })),
        ],
      },
    ],
  };
}

function matrix(faults: readonly FaultReport[]): Block {
  return {
    kind: "table",
    caption: "Faults and verdicts",
    columns: [
      { title: "fault" },
      { title: "contract" },
      { title: "strict" },
      { title: "what happened" },
      { title: "time", numeric: true },
    ],
    rows: faults.map((fault): Cell[] => [
      faultText(fault),
      { text: fault.contract.verdict, verdict: fault.contract.verdict },
      { text: fault.strict.verdict, verdict: fault.strict.verdict },
      happenedText(fault),
      formatDuration(fault.duration_ms),
    ]),
  };
}

function memory({ baseline, faults }: ChaosReport): Block[] {
  const budget = faults.find(({ id }) => id === "F-CHAOS-001");
  const limit = budget?.contract.reason?.["budget_bytes"] ?? budget?.evidence["budget_bytes"];
  const peak = baseline.peak_rss_bytes;
  if (peak === null) return [];
  const bars = [
    { label: "clean run, largest process", value: peak },
    ...(baseline.peak_tree_bytes === null
      ? []
      : [{ label: "clean run, whole tree", value: baseline.peak_tree_bytes }]),
    ...(typeof limit === "number" ? [{ label: "budget", value: limit }] : []),
  ];
  const summary = bars.map(({ label, value }) => `${label} ${formatBytes(value)}`).join(" · ");
  return [{ kind: "picture", picture: { kind: "bars", unit: "bytes", title: "Memory", summary, bars } }];
}

function detailsOf(fault: FaultReport): Block {
  const { contract, strict } = fault;
  const failed = contract.verdict === "fail" || strict.verdict === "fail";
  const verdict = failed ? "fail" : contract.verdict === "pass" ? strict.verdict : contract.verdict;
  const evidence = Object.entries(fault.evidence).map(([name, value]): [string, Cell] => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return {
    kind: "details",
    summary: { text: `${faultText(fault)}: ${happenedText(fault)}`, verdict },
    open: failed,
    blocks: [
      ...(fault.why === "" ? [] : [{ kind: "text", text: `Why it matters: ${fault.why}` } as const]),
      ...fault.notes.map((note): Block => ({ kind: "text", text: `note: ${reasonText(note)}` })),
      ...(fault.reproduce === ""
        ? []
        : [{ kind: "code", label: `how to reproduce ${faultText(fault)}`, text: fault.reproduce } as const]),
      gatesTable(fault.gates),
      { kind: "facts", rows: evidence },
    ],
  };
}
