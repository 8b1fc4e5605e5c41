import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import type { Verdict } from "../../contracts/types.ts";
import type { Block, Cell, Page } from "./blocks.ts";
import { gatesTable } from "./gates-table.ts";
import { curvePicture } from "./oom-curve.ts";
import type { BarsPicture, TreeNode } from "./pictures.ts";
import { isObject, listAt, numberAt, objectAt, textAt, textsAt } from "./read-json.ts";

const MAX_BARS = 40;

/** The page of an out-of-memory report. `verdicts` are those of contract `crux-f-13` on it. */
export function oomPage(name: string, report: JsonObject, verdicts: readonly Verdict[]): Page {
  return {
    title: `out of memory: ${name}`,
    finding: oomFinding(report),
    verdict: "fail",
    blocks: [...oomBlocks(report), { kind: "section", title: "Contract", blocks: [gatesTable(verdicts)] }],
  };
}

/** Two reports side by side, with what grew first. */
export function oomDiffPage(
  [nameA, a]: readonly [string, JsonObject],
  [nameB, b]: readonly [string, JsonObject],
): Page {
  const buckets = new Set([
    ...Object.keys(objectAt(a, "tensor_histogram")),
    ...Object.keys(objectAt(b, "tensor_histogram")),
  ]);
  const pairs: [string, number | null, number | null][] = [
    ...["peak_allocated_bytes", "peak_reserved_bytes"].map((key): [string, number | null, number | null] => [
      key,
      numberAt(a, key),
      numberAt(b, key),
    ]),
    ...[...buckets].map((bucket): [string, number | null, number | null] => [
      `count of ${bucket}`,
      numberAt(objectAt(a, "tensor_histogram"), bucket),
      numberAt(objectAt(b, "tensor_histogram"), bucket),
    ]),
  ];
  const columns = [
    { title: "figure" },
    ...[nameA, nameB, "change"].map((title) => ({ title, numeric: true })),
  ];
  const rows = pairs.map(([label, before, after]): Cell[] => {
    const show = (value: number | null): string =>
      value === null ? "none" : label.endsWith("bytes") ? formatBytes(value) : String(value);
    const change = (after ?? 0) - (before ?? 0);
    return [label, show(before), show(after), `${change > 0 ? "+" : ""}${show(change)}`];
  });
  return {
    title: `out of memory: ${nameA} and ${nameB}`,
    finding: `${oomFinding(a)} — then: ${oomFinding(b)}`,
    verdict: "fail",
    blocks: [
      { kind: "table", caption: "What changed", columns, rows },
      { kind: "section", title: nameA, blocks: oomBlocks(a) },
      { kind: "section", title: nameB, blocks: oomBlocks(b) },
    ],
  };
}

function oomFinding(report: JsonObject): string {
  const cause = objectAt(report, "cause");
  const killer = textAt(cause, "killer");
  const tool = textAt(cause, "tool");
  const requested = numberAt(cause, "requested_bytes");
  const peak = numberAt(report, "peak_allocated_bytes");
  const parts = [
    killer === null ? "out of memory, cause unknown" : `out of memory, ended by the ${killer}`,
    tool === null || tool === killer ? "" : `told by ${tool}`,
    requested === null ? "" : `asked for ${formatBytes(requested)}`,
    peak === null ? "" : `peak ${formatBytes(peak)}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function oomBlocks(report: JsonObject): Block[] {
  const cause = objectAt(report, "cause");
  const message = textAt(cause, "message");
  const curve = curvePicture(report, numberAt(cause, "limit_bytes"), "Memory over time");
  const histogram = histogramBars(report);
  const stack = stackTree(report);
  return [
    { kind: "facts", rows: causeRows(report, cause) } as const,
    message === null ? null : ({ kind: "code", label: "the message that told it", text: message } as const),
    curve === null ? null : ({ kind: "picture", picture: curve } as const),
    stack === null ? null : ({ kind: "picture", picture: stack } as const),
    histogram === null ? null : ({ kind: "picture", picture: histogram } as const),
    ...textsAt(report, "notes").map((text): Block => ({ kind: "text", text })),
    fit(report),
    lastOps(report),
    provenance(report),
  ].filter((block) => block !== null);
}

/** Who died, by whom, and at what: only what the report says. */
function causeRows(report: JsonObject, cause: JsonObject): (readonly [string, Cell])[] {
  const process = objectAt(cause, "process");
  const pid = numberAt(process, "pid");
  const size = (key: string): string => {
    const value = numberAt(cause, key);
    return value === null ? "" : formatBytes(value);
  };
  const who = [pid === null ? "" : `${pid}`, textAt(process, "name") ?? "", ...textsAt(process, "command")];
  const rows: (readonly [string, string])[] = [
    ["killed by", textAt(cause, "killer") ?? ""],
    ["process", who.filter((each) => each !== "").join(" ")],
    ["limit", textAt(cause, "limit") ?? ""],
    ["limit is", size("limit_bytes")],
    ["used at death", size("usage_at_death_bytes")],
    ["asked for", size("requested_bytes")],
    ["was free", size("free_bytes")],
    ["exit code", `${numberAt(report, "exit_code") ?? "unknown"}`],
    ["when", textAt(report, "timestamp") ?? ""],
    ["known by", [textAt(cause, "certainty") ?? "", ...textsAt(cause, "evidence")].join("; ")],
  ];
  return rows.filter(([, text]) => text !== "" && text !== "; ");
}

function histogramBars(report: JsonObject): BarsPicture | null {
  const counts = Object.entries(objectAt(report, "tensor_histogram")).flatMap(([label, count]) =>
    typeof count === "number" ? [{ label, value: count }] : [],
  );
  if (counts.length === 0) return null;
  const bars = counts.slice(0, MAX_BARS);
  const left = counts.length - bars.length;
  const summary = `${counts.length} sizes${left === 0 ? "" : `, ${left} of them are not drawn`}`;
  return { kind: "bars", unit: "count", title: "Allocations by size", summary, bars };
}

/** The stack of the largest allocation, and more of them where the report has some. */
function stackTree(report: JsonObject) {
  const top = listAt(report, "top_stacks")
    .filter(isObject)
    .map((each) => ({ frames: textsAt(each, "frames"), bytes: numberAt(each, "bytes") ?? 0 }));
  const largest = textsAt(report, "largest_alloc_stack");
  const stacks =
    top.length > 0 ? top : [{ frames: largest, bytes: numberAt(report, "peak_allocated_bytes") ?? 1 }];
  if (stacks.every(({ frames }) => frames.length === 0)) return null;
  const root = treeOf(stacks);
  const title = top.length > 0 ? "Who holds the memory" : "The stack of the largest allocation";
  return {
    ...({ kind: "flame", unit: "bytes", title, root } as const),
    summary: `outermost frame first. ${largest.slice(-1).join("")}`,
  };
}

interface Building {
  value: number;
  readonly children: Map<string, Building>;
}

function treeOf(stacks: readonly { readonly frames: readonly string[]; readonly bytes: number }[]): TreeNode {
  const root: Building = { value: 0, children: new Map() };
  for (const { bytes, frames } of stacks) {
    root.value += bytes;
    let at = root;
    for (const frame of frames.slice(0, 60)) {
      const below = at.children.get(frame) ?? { value: 0, children: new Map<string, Building>() };
      at.children.set(frame, below);
      below.value += bytes;
      at = below;
    }
  }
  const built = (name: string, { children, value }: Building): TreeNode => ({
    name,
    value,
    children: [...children].map(([each, below]) => built(each, below)),
  });
  return built("all", root);
}

function fit(report: JsonObject): Block | null {
  const advice = listAt(report, "would_have_fit").map((each) =>
    typeof each === "string" ? each : stringifyJson(each),
  );
  if (advice.length === 0) return null;
  return {
    kind: "section",
    title: "What would have fit",
    blocks: advice.map((text): Block => ({ kind: "text", text })),
  };
}

function lastOps(report: JsonObject): Block | null {
  const ops = listAt(report, "last_100_ops").filter(isObject);
  if (ops.length === 0) return null;
  const columns = [{ title: "ns", numeric: true }, { title: "operation" }, { title: "bytes", numeric: true }];
  const rows = ops.map((op): Cell[] => [
    String(numberAt(op, "ts_ns") ?? ""),
    textAt(op, "op") ?? "",
    String(numberAt(op, "bytes") ?? ""),
  ]);
  return {
    kind: "details",
    summary: `The last ${ops.length} operations`,
    blocks: [{ kind: "table", caption: "Operations on memory", columns, rows }],
  };
}

function provenance(report: JsonObject): Block | null {
  const rows = Object.entries(objectAt(report, "provenance")).flatMap(([field, of]): Cell[][] =>
    isObject(of) ? [[field, textAt(of, "kind") ?? "", textAt(of, "source") ?? ""]] : [],
  );
  if (rows.length === 0) return null;
  const columns = ["field", "known", "from"].map((title) => ({ title }));
  return { kind: "table", caption: "Where each field is from", columns, rows };
}
