import type { JsonObject } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import type { Verdict } from "../../contracts/types.ts";
import { commandText } from "../chaos-words.ts";
import type { Block, Cell, Page } from "./blocks.ts";
import { gatesTable } from "./gates-table.ts";
import { curvePicture } from "./oom-curve.ts";
import { holdersTable, stackTree } from "./oom-stacks.ts";
import type { BarsPicture } from "./pictures.ts";
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

/** What happened, in one line. */
export function oomFinding(report: JsonObject): string {
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

/** Everything that the report says, as blocks. */
export function oomBlocks(report: JsonObject): Block[] {
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
    holdersTable(report),
    histogram === null ? null : ({ kind: "picture", picture: histogram } as const),
    ...textsAt(report, "notes").map((text): Block => ({ kind: "text", text })),
    devices(report),
    program(report),
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

function devices(report: JsonObject): Block | null {
  const all = listAt(objectAt(report, "snapshot"), "devices").filter(isObject);
  if (all.length < 2) return null;
  const keys = ["peak_allocated_bytes", "peak_reserved_bytes", "allocated_now_bytes", "reserved_now_bytes"];
  const titles = ["peak allocated", "peak reserved", "allocated at the end", "reserved at the end"];
  return {
    kind: "table",
    caption: "Devices",
    columns: [{ title: "device" }, ...titles.map((title) => ({ title, numeric: true }))],
    rows: all.map((each): Cell[] => [
      String(numberAt(each, "device") ?? ""),
      ...keys.map((key) => formatBytes(numberAt(each, key) ?? 0)),
    ]),
  };
}

function program(report: JsonObject): Block | null {
  const of = objectAt(report, "program");
  const said = textAt(of, "stderr_end");
  const argv = textsAt(of, "argv").map((word) => word.replaceAll("\0", "\ufffd"));
  if (argv.length === 0 && said === null) return null;
  return {
    kind: "section",
    title: "The program",
    blocks: [
      { kind: "facts", rows: [["command", commandText(argv)]] },
      ...(said === null ? [] : [{ kind: "code", label: "the end of its stderr", text: said } as const]),
    ],
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
