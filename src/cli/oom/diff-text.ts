import { formatBytes } from "../../base/units.ts";
import type { HolderChange, ReportDiff } from "../../oom/diff.ts";
import { printable } from "../../reports/printable.ts";
import { truncateText } from "../../reports/text.ts";
import { table } from "../store/table.ts";

/** One screen; `--json` has all. */
const MAX_HOLDERS = 8;
const MAX_FRAMES = 3;
const LINE_WIDTH = 96;

/** What grew, on one screen. */
export function diffText(before: string, after: string, diff: ReportDiff): string {
  const grew = diff.holders.filter((each) => each.afterBytes > each.beforeBytes);
  const shrank = diff.holders.filter((each) => each.afterBytes < each.beforeBytes).reverse();
  const sections = [
    table([peakRow("allocated", diff.peakAllocated), peakRow("reserved", diff.peakReserved)]),
    holdersText("grew", grew),
    holdersText("shrank", shrank),
    diff.buckets.length === 0
      ? ""
      : table(diff.buckets.map(({ bucket, before: was, after: is }) => ["sizes", bucket, `${was} → ${is}`])),
  ].filter((section) => section !== "");
  return `${printable(before)} → ${printable(after)}\n\n${sections.join("\n")}`;
}

function peakRow(name: string, [before, after]: ReportDiff["peakAllocated"]): string[] {
  const shown = (bytes: number | null): string => (bytes === null ? "unknown" : formatBytes(bytes));
  const change = before === null || after === null ? "" : signed(after - before);
  return ["peak", name, `${shown(before)} → ${shown(after)}`, change];
}

function holdersText(title: string, changes: readonly HolderChange[]): string {
  const lines = changes.slice(0, MAX_HOLDERS).flatMap(({ stack, ...change }) => {
    const blocks = change.afterBlocks - change.beforeBlocks;
    const bytes = signed(change.afterBytes - change.beforeBytes);
    const head = `${title}  ${bytes} to ${formatBytes(change.afterBytes)}, ${blocks > 0 ? "+" : ""}${blocks} blocks`;
    return [
      head,
      ...stack
        .slice(-MAX_FRAMES)
        .reverse()
        .map((frame) => `          ${frame}`),
    ];
  });
  const more = changes.length - MAX_HOLDERS;
  if (more > 0) lines.push(`${title}  ${more} stacks more`);
  return lines.map((line) => `  ${truncateText(printable(line), LINE_WIDTH)}\n`).join("");
}

function signed(bytes: number): string {
  return bytes < 0 ? formatBytes(bytes) : `+${formatBytes(bytes)}`;
}
