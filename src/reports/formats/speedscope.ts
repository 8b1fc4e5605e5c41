import type { Page } from "../html/blocks.ts";
import type { TreeNode } from "../html/pictures.ts";
import { printable } from "../printable.ts";
import { picturesOf } from "./perfetto.ts";

// The flame graph of a page as a file that speedscope opens: one sampled profile, a sample for each stack that holds
// something of its own. Source: speedscope's published file format schema.

const SCHEMA = "https://www.speedscope.app/file-format-schema.json";

/** Null where the page has no flame graph. */
export function speedscopeOf(page: Page): string | null {
  const flame = picturesOf(page.blocks).find((picture) => picture.kind === "flame");
  if (flame?.kind !== "flame") return null;
  const frames = new Map<string, number>();
  const samples: number[][] = [];
  const weights: number[] = [];
  const walk = (node: TreeNode, above: readonly number[]): void => {
    const name = printable(node.name);
    const frame = frames.get(name) ?? frames.size;
    frames.set(name, frame);
    const stack = [...above, frame];
    const own = node.value - node.children.reduce((sum, { value }) => sum + value, 0);
    if (own > 0) {
      samples.push(stack);
      weights.push(own);
    }
    for (const child of node.children) walk(child, stack);
  };
  for (const child of flame.root.children) walk(child, []);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const unit = flame.unit === "bytes" ? "bytes" : "none";
  const profile = {
    type: "sampled",
    name: printable(flame.title),
    unit,
    startValue: 0,
    endValue: total,
    samples,
    weights,
  };
  return `${JSON.stringify({
    $schema: SCHEMA,
    name: printable(page.title),
    shared: { frames: [...frames.keys()].map((name) => ({ name })) },
    profiles: [profile],
  })}\n`;
}
