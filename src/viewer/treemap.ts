import type { TreeNode, TreePicture } from "../reports/html/pictures.ts";
import { category, colour, fitText, surface, type Surface } from "./canvas.ts";
import { choosing } from "./choosing.ts";
import { valueText } from "./words.ts";

const HEIGHT = 320;
const MAX_BOXES = 2000;

interface Box {
  readonly node: TreeNode;
  readonly group: number;
  readonly x: number;
  readonly y: number;
  readonly wide: number;
  readonly high: number;
}

/** Areas by size, the leaves of one branch in one colour. Arrow keys choose a box. */
export function drawTreemap(place: HTMLElement, picture: TreePicture): void {
  let boxes: Box[] = [];
  const drawn = surface(place, HEIGHT, `${picture.title}. Arrow keys choose a part.`, (made) => {
    boxes = [];
    split(picture.root.children, 0, 0, made.width(), HEIGHT, boxes, null);
    paint(made, boxes, choice.chosen(), picture);
  });
  const at = (left: number, top: number): Box | undefined =>
    boxes.find(({ high, wide, x, y }) => left >= x && left < x + wide && top >= y && top < y + high);
  const choice = choosing(place, drawn, { at, picture, boxes: () => boxes });
}

/** Halves the nodes by size, and the area with them, across its longer side. */
function split(
  nodes: readonly TreeNode[],
  x: number,
  y: number,
  wide: number,
  high: number,
  boxes: Box[],
  group: number | null,
): void {
  const total = nodes.reduce((sum, { value }) => sum + value, 0);
  if (nodes.length === 0 || total <= 0 || boxes.length >= MAX_BOXES || wide < 1 || high < 1) return;
  const [only] = nodes;
  if (nodes.length === 1 && only !== undefined) {
    const own = group ?? boxes.length;
    if (only.children.length > 0) split(only.children, x, y, wide, high, boxes, own);
    else boxes.push({ node: only, group: own, x, y, wide, high });
    return;
  }
  let at = 0;
  let sum = 0;
  while (at < nodes.length - 1 && (at === 0 || sum + (nodes[at]?.value ?? 0) <= total / 2)) {
    sum += nodes[at]?.value ?? 0;
    at += 1;
  }
  const share = sum / total;
  const [a, b] = [nodes.slice(0, at), nodes.slice(at)];
  if (wide >= high) {
    split(a, x, y, wide * share, high, boxes, group);
    split(b, x + wide * share, y, wide * (1 - share), high, boxes, group);
  } else {
    split(a, x, y, wide, high * share, boxes, group);
    split(b, x, y + high * share, wide, high * (1 - share), boxes, group);
  }
}

function paint(
  { context }: Surface,
  boxes: readonly Box[],
  chosen: Box | undefined,
  { unit }: TreePicture,
): void {
  for (const box of boxes) {
    const { group, high, node, wide, x, y } = box;
    context.fillStyle = category(group);
    context.fillRect(x + 1, y + 1, Math.max(1, wide - 2), Math.max(1, high - 2));
    if (box === chosen) {
      context.strokeStyle = colour("--text");
      context.lineWidth = 3;
      context.strokeRect(x + 2, y + 2, Math.max(1, wide - 4), Math.max(1, high - 4));
    }
    if (wide < 50 || high < 20) continue;
    context.fillStyle = "#000";
    context.fillText(fitText(context, node.name, wide - 10), x + 6, y + 16);
    if (high > 36) context.fillText(fitText(context, valueText(node.value, unit), wide - 10), x + 6, y + 31);
  }
}
