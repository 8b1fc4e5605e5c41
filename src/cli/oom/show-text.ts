import type { JsonObject } from "../../base/json.ts";
import { formatBytes, formatDuration } from "../../base/units.ts";
import type { ReportView, ViewHolder } from "../../oom/report-view.ts";
import { printable } from "../../reports/printable.ts";
import { bar, sparkline } from "../../reports/spark.ts";
import { textWidth, truncateText, wrapLabelled } from "../../reports/text.ts";

const LINE_WIDTH = 100;
const CURVE_WIDTH = 40;
const BAR_WIDTH = 24;

/** One screen: what is longer is cut, and `--json` has it whole. */
const MAX_CURVES = 4;
const MAX_HOLDERS = 5;
const MAX_FRAMES = 4;
const MAX_BUCKETS = 10;
const MAX_OPS = 5;
const MAX_NOTES = 8;

type Row = readonly [label: string, text: string];

/** A report on one screen: what died and why first, then the curve, who held memory, and sizes. */
export function showText(name: string, view: ReportView): string {
  const rows: Row[] = [
    ...causeRows(view),
    ["peak", peakText(view)],
    ...curveRows(view),
    ...holderRows(view),
    ...histogramRows(view),
    ...opRows(view),
    ...view.notes.slice(0, MAX_NOTES).map((note): Row => ["note", note]),
    ...(view.unavailable.length === 0 ? [] : [["not known", view.unavailable.join(", ")] as const]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  let last = "";
  const lines = rows.flatMap(([label, text]) => {
    const shown = label === last ? "" : label;
    last = label;
    const line = `  ${shown.padEnd(width)}  ${printable(text)}`;
    return textWidth(line) <= LINE_WIDTH
      ? [line]
      : wrapLabelled(line.slice(0, width + 4), printable(text), LINE_WIDTH);
  });
  return `${printable(name)}   ${printable(headline(view))}\n\n${lines.join("\n")}\n`;
}

function headline({ cause }: ReportView): string {
  if (cause === null) return "nothing in it says who ran out of memory";
  const who = processText(cause);
  const device = textAt(cause, "device");
  const of = who ?? (device === null ? null : `device ${device}`);
  return `out of memory, told by ${textAt(cause, "tool") ?? "?"} (${textAt(cause, "killer") ?? "?"})${of === null ? "" : `: ${of}`}`;
}

function causeRows({ cause, exitCode, timestamp }: ReportView): Row[] {
  const rows: [string, string | null][] = [
    ["words", cause === null ? null : firstLine(textAt(cause, "message"))],
    ["wanted", cause === null ? null : wantedText(cause)],
    ["limit", cause === null ? null : limitText(cause)],
    ["in use", cause === null ? null : usedText(cause)],
    ["exit code", exitCode === null ? null : exitCode === -1 ? "not known" : String(exitCode)],
    ["when", timestamp],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

function firstLine(text: string | null): string | null {
  return text === null ? null : truncateText(text.split("\n")[0] ?? "", 2 * LINE_WIDTH);
}

function wantedText(cause: JsonObject): string | null {
  const [wanted, free, total] = ["requested_bytes", "free_bytes", "total_bytes"].map((key) =>
    bytesAt(cause, key),
  );
  const parts = [
    ...(wanted === null || wanted === undefined ? [] : [formatBytes(wanted)]),
    ...(free === null || free === undefined
      ? []
      : [
          `${formatBytes(free)} free${total === null || total === undefined ? "" : ` of ${formatBytes(total)}`}`,
        ]),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}

function limitText(cause: JsonObject): string | null {
  const limit = bytesAt(cause, "limit_bytes");
  const named = textAt(cause, "limit") ?? textAt(cause, "group");
  const parts = [...(limit === null ? [] : [formatBytes(limit)]), ...(named === null ? [] : [`(${named})`])];
  return parts.length === 0 ? null : parts.join(" ");
}

function usedText(cause: JsonObject): string | null {
  const used = bytesAt(cause, "usage_at_death_bytes");
  return used === null ? null : `${formatBytes(used)} at the end`;
}

function processText(cause: JsonObject): string | null {
  const process = cause["process"];
  if (typeof process !== "object" || process === null || Array.isArray(process)) return null;
  const { name, pid } = process as JsonObject;
  const parts = [
    ...(typeof name === "string" ? [name] : []),
    ...(typeof pid === "number" ? [`(${pid})`] : []),
  ];
  return parts.length === 0 ? null : parts.join(" ");
}

function peakText({ peakAllocatedBytes, peakReservedBytes }: ReportView): string {
  const shown = (bytes: number | null): string => (bytes === null ? "unknown" : formatBytes(bytes));
  return `${shown(peakAllocatedBytes)} allocated, ${shown(peakReservedBytes)} reserved`;
}

function curveRows({ curves }: ReportView): Row[] {
  return curves
    .filter(({ points }) => points.length > 1)
    .slice(0, MAX_CURVES)
    .map(({ series, points }) => {
      const top = points.reduce((most, { bytes }) => Math.max(most, bytes), 0);
      const span = (points.at(-1)?.t_ms ?? 0) - (points[0]?.t_ms ?? 0);
      const line = sparkline(
        points.map(({ bytes }) => bytes),
        CURVE_WIDTH,
      );
      return ["curve", `${line} ${series}, up to ${formatBytes(top)} in ${formatDuration(span)}`];
    });
}

function holderRows({ holders, holdersNamed }: ReportView): Row[] {
  const shown = holders
    .slice(0, MAX_HOLDERS)
    .flatMap((holder): Row[] => [
      [
        "held by",
        holdersNamed
          ? `${formatBytes(holder.bytes)} in ${blocksText(holder.blocks)}`
          : "the largest, the innermost frame first",
      ],
      ...framesOf(holder).map((frame): Row => ["held by", `  ${frame}`]),
    ]);
  const more = holders.length - MAX_HOLDERS;
  return more > 0 ? [...shown, ["held by", `${more} stacks more`]] : shown;
}

/** The innermost frames, where the allocation was made. */
function framesOf({ stack }: ViewHolder): string[] {
  const shown = stack.slice(-MAX_FRAMES).reverse();
  const more = stack.length - shown.length;
  const cut = shown.map((frame) => truncateText(frame, LINE_WIDTH - 16));
  return more > 0 ? [...cut, `… ${more} frames further out`] : cut;
}

function blocksText(blocks: number): string {
  return blocks === 1 ? "1 block" : `${blocks} blocks`;
}

function histogramRows({ histogram }: ReportView): Row[] {
  const largest = Math.max(0, ...histogram.map(([, count]) => count));
  const width = Math.max(0, ...histogram.map(([bucket]) => bucket.length));
  return histogram
    .filter(([, count]) => count > 0)
    .slice(0, MAX_BUCKETS)
    .map(([bucket, count]) => [
      "sizes",
      `${bucket.padEnd(width)}  ${String(count).padStart(7)}  ${bar(count, largest, BAR_WIDTH)}`,
    ]);
}

function opRows({ ops }: ReportView): Row[] {
  return ops
    .slice(-MAX_OPS)
    .map(({ op, bytes, ts_ns }) => ["last", `${formatDuration(ts_ns / 1e6)}  ${op}  ${formatBytes(bytes)}`]);
}

function textAt(object: JsonObject, key: string): string | null {
  const value = object[key];
  return typeof value === "string" && value !== "" ? value : null;
}

function bytesAt(object: JsonObject, key: string): number | null {
  const value = object[key];
  return typeof value === "number" ? value : null;
}
