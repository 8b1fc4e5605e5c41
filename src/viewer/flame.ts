import type { TreeNode, TreePicture } from "../reports/html/pictures.ts";
import { announce, category, colour, fitText, surface, type Surface } from "./canvas.ts";
import { choosing } from "./choosing.ts";

const ROW = 20;
const MAX_DEPTH = 60;
/** Narrower than this many pixels nothing can be seen; the tip says what was left out. */
const LEAST_WIDTH = 0.5;

interface Box {
  readonly node: TreeNode;
  readonly x: number;
  readonly y: number;
  readonly wide: number;
  readonly parent: TreeNode | null;
}

/** A flame graph: each row the callees of the one above. Click or Enter goes in, Escape or Backspace out. */
export function drawFlame(place: HTMLElement, picture: TreePicture): void {
  const path: TreeNode[] = [picture.root];
  const depth = Math.min(MAX_DEPTH, depthOf(picture.root, 0));
  let boxes: Box[] = [];
  const label = `${picture.title}. Arrow keys choose, Enter goes in, Escape goes out.`;
  const drawn = surface(place, depth * ROW, label, (made) => {
    boxes = layOut(path.at(-1) ?? picture.root, made.width());
    paint(made, boxes, choice.chosen());
  });
  const enter = (box: Box | undefined): void => {
    if (box === undefined || box.node === path.at(-1)) return;
    path.push(box.node);
    choice.restart();
    drawn.redraw();
    announce(`now ${box.node.name}`);
  };
  const leave = (): void => {
    if (path.length > 1) path.pop();
    choice.restart();
    drawn.redraw();
  };
  const at = (left: number, top: number): Box | undefined =>
    boxes.find(({ wide, x, y }) => left >= x && left < x + wide && top >= y && top < y + ROW);
  const choice = choosing(place, drawn, {
    ...{ at, picture, boxes: () => boxes },
    more: ({ node }) => `${((100 * node.value) / (picture.root.value || 1)).toFixed(1)} %`,
    key: (key) => {
      if (key === "Enter") enter(choice.chosen());
      else if (key === "Escape" || key === "Backspace") leave();
      else return false;
      return true;
    },
  });
  drawn.canvas.addEventListener("click", (event) => enter(at(event.offsetX, event.offsetY)));
}

function depthOf(node: TreeNode, above: number): number {
  if (above >= MAX_DEPTH) return above;
  return node.children.reduce((most, child) => Math.max(most, depthOf(child, above + 1)), above + 1);
}

function layOut(root: TreeNode, wide: number): Box[] {
  const boxes: Box[] = [];
  const place = (node: TreeNode, x: number, level: number, parent: TreeNode | null): void => {
    const own = (node.value / (root.value || 1)) * wide;
    if (own < LEAST_WIDTH || level >= MAX_DEPTH) return;
    boxes.push({ node, x, y: level * ROW, wide: own, parent });
    let left = x;
    for (const child of node.children) {
      place(child, left, level + 1, node);
      left += (child.value / (root.value || 1)) * wide;
    }
  };
  place(root, 0, 0, null);
  return boxes;
}

function paint({ context }: Surface, boxes: readonly Box[], chosen: Box | undefined): void {
  for (const box of boxes) {
    context.fillStyle = category(hashOf(box.node.name));
    context.fillRect(box.x, box.y, Math.max(1, box.wide - 1), ROW - 1);
    if (box === chosen) {
      context.strokeStyle = colour("--text");
      context.lineWidth = 2;
      context.strokeRect(box.x + 1, box.y + 1, Math.max(1, box.wide - 3), ROW - 3);
    }
    if (box.wide < 24) continue;
    context.fillStyle = "#000";
    context.fillText(fitText(context, box.node.name, box.wide - 6), box.x + 3, box.y + 14);
  }
}

/** The same name has the same colour everywhere. */
function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < Math.min(text.length, 200); at++) hash = (hash * 31 + text.charCodeAt(at)) >>> 0;
  return hash % 8;
}
