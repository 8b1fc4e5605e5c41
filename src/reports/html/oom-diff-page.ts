import type { JsonObject } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import type { Block, Cell, Page } from "./blocks.ts";
import { oomBlocks, oomFinding } from "./oom-page.ts";
import { holdersOf } from "./oom-stacks.ts";
import { numberAt, objectAt } from "./read-json.ts";

type Named = readonly [name: string, report: JsonObject];

/** Two reports side by side, with what grew first. */
export function oomDiffPage(before: Named, after: Named): Page {
  const [[nameA, a], [nameB, b]] = [before, after];
  return {
    title: `out of memory: ${nameA} and ${nameB}`,
    finding: `${oomFinding(a)} — then: ${oomFinding(b)}`,
    verdict: "fail",
    blocks: [
      figures(before, after),
      ...stacks(before, after),
      { kind: "section", title: nameA, blocks: oomBlocks(a) },
      { kind: "section", title: nameB, blocks: oomBlocks(b) },
    ],
  };
}

function columnsOf(what: string, a: string, b: string) {
  return [{ title: what }, ...[a, b, "change"].map((title) => ({ title, numeric: true }))];
}

function figures([nameA, a]: Named, [nameB, b]: Named): Block {
  const [sizesA, sizesB] = [objectAt(a, "tensor_histogram"), objectAt(b, "tensor_histogram")];
  const buckets = new Set([...Object.keys(sizesA), ...Object.keys(sizesB)]);
  const rows = [
    ...["peak_allocated_bytes", "peak_reserved_bytes"].map((key) =>
      row(key, numberAt(a, key), numberAt(b, key), formatBytes),
    ),
    ...[...buckets].map((bucket) =>
      row(`count of ${bucket}`, numberAt(sizesA, bucket), numberAt(sizesB, bucket), String),
    ),
  ];
  return { kind: "table", caption: "What changed", columns: columnsOf("figure", nameA, nameB), rows };
}

/** Stacks that hold another amount than before: those that grew most come first. */
function stacks([nameA, a]: Named, [nameB, b]: Named): Block[] {
  const byStack = (report: JsonObject): ReadonlyMap<string, number> => {
    const map = new Map<string, number>();
    for (const { bytes, stack } of holdersOf(report)) {
      const key = stack.join(" › ");
      map.set(key, (map.get(key) ?? 0) + bytes);
    }
    return map;
  };
  const [was, is] = [byStack(a), byStack(b)];
  const changed = [...new Set([...was.keys(), ...is.keys()])]
    .map((stack) => ({ stack, before: was.get(stack) ?? 0, after: is.get(stack) ?? 0 }))
    .filter(({ after, before }) => after !== before)
    .sort((x, y) => y.after - y.before - (x.after - x.before));
  if (changed.length === 0) return [];
  const rows = changed.map(({ after, before, stack }) => row(stack, before, after, formatBytes));
  return [{ kind: "table", caption: "Stacks that changed", columns: columnsOf("stack", nameA, nameB), rows }];
}

function row(
  label: string,
  before: number | null,
  after: number | null,
  words: (value: number) => string,
): Cell[] {
  const show = (value: number | null): string => (value === null ? "none" : words(value));
  const change = (after ?? 0) - (before ?? 0);
  const sign = change > 0 ? "+" : change < 0 ? "−" : "";
  return [label, show(before), show(after), `${sign}${show(Math.abs(change))}`];
}
