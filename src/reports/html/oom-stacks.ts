import type { JsonObject } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import type { Block, Cell } from "./blocks.ts";
import type { TreeNode, TreePicture } from "./pictures.ts";
import { isObject, listAt, numberAt, objectAt, textsAt } from "./read-json.ts";

/** A deeper stack is cut in the picture; the report has it whole. */
const MAX_DEPTH = 60;

/** Who held memory at the peak. */
export interface Holder {
  readonly bytes: number;
  readonly blocks: number;
  /** Outermost frame first. */
  readonly stack: readonly string[];
}

/** What a snapshot's report says of holders; empty where it names none. */
export function holdersOf(report: JsonObject): readonly Holder[] {
  return listAt(objectAt(report, "snapshot"), "holders")
    .filter(isObject)
    .map((each) => ({
      bytes: Math.max(0, numberAt(each, "bytes") ?? 0),
      blocks: Math.max(0, numberAt(each, "blocks") ?? 0),
      stack: textsAt(each, "stack"),
    }));
}

/** Stacks as a flame graph: the holders', or the one of the largest allocation. Null where the report has none. */
export function stackTree(report: JsonObject): TreePicture | null {
  const holders = holdersOf(report);
  const largest = textsAt(report, "largest_alloc_stack");
  const one = { stack: largest, bytes: numberAt(report, "peak_allocated_bytes") ?? 1, blocks: 0 };
  const stacks = holders.length > 0 ? holders : [one];
  if (stacks.every(({ stack }) => stack.length === 0)) return null;
  const left = numberAt(objectAt(report, "snapshot"), "holders_left_out") ?? 0;
  const summary = [
    "outermost frame first.",
    `Innermost of the largest: ${largest.slice(-1).join("")}.`,
    ...(left > 0 ? [`${left} smaller stacks are not in the report.`] : []),
  ].join(" ");
  return {
    ...{ kind: "flame", unit: "bytes", summary, root: treeOf(stacks) },
    title: holders.length > 0 ? "Who held memory at the peak" : "The stack of the largest allocation",
  };
}

export function holdersTable(report: JsonObject): Block | null {
  const holders = holdersOf(report);
  if (holders.length === 0) return null;
  return {
    kind: "details",
    summary: `${holders.length} stacks by what they held`,
    blocks: [
      {
        kind: "table",
        caption: "Stacks at the peak, the largest first",
        columns: [{ title: "held", numeric: true }, { title: "blocks", numeric: true }, { title: "stack" }],
        rows: holders.map(({ blocks, bytes, stack }): Cell[] => [
          formatBytes(bytes),
          String(blocks),
          stack.join(" › "),
        ]),
      },
    ],
  };
}

interface Building {
  value: number;
  readonly children: Map<string, Building>;
}

function treeOf(stacks: readonly Pick<Holder, "stack" | "bytes">[]): TreeNode {
  const root: Building = { value: 0, children: new Map() };
  for (const { bytes, stack } of stacks) {
    root.value += bytes;
    let at = root;
    for (const frame of stack.slice(0, MAX_DEPTH)) {
      const below = at.children.get(frame) ?? { value: 0, children: new Map<string, Building>() };
      at.children.set(frame, below);
      below.value += bytes;
      at = below;
    }
  }
  return built("all", root);
}

function built(name: string, { children, value }: Building): TreeNode {
  return { name, value, children: [...children].map(([each, below]) => built(each, below)) };
}
