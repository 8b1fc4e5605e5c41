import type { TreeNode, TreePicture } from "../reports/html/pictures.ts";
import { announce, category, colour, fitText, surface, type Surface } from "./canvas.ts";
import { valueText } from "./words.ts";

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
  let chosen = 0;
  const label = `${picture.title}. Arrow keys choose, Enter goes in, Escape goes out.`;
  const drawn = surface(place, depth * ROW, label, (made) => {
    boxes = layOut(path.at(-1) ?? picture.root, made.width());
    paint(made, boxes, boxes[chosen]);
  });
  const tip = document.createElement("p");
  tip.className = "tip";
  place.append(tip);
  const say = (box: Box | undefined): void => {
    if (box === undefined) return;
    const { name, note, value } = box.node;
    const share = ((100 * value) / (picture.root.value || 1)).toFixed(1);
    tip.textContent = [name, valueText(value, picture.unit), `${share} %`, note ?? ""]
      .filter((each) => each !== "")
      .join(" · ");
  };
  const enter = (box: Box | undefined): void => {
    if (box === undefined || box.node === path.at(-1)) return;
    path.push(box.node);
    chosen = 0;
    drawn.redraw();
    announce(`now ${box.node.name}`);
  };
  const leave = (): void => {
    if (path.length > 1) path.pop();
    chosen = 0;
    drawn.redraw();
  };
  const at = (event: PointerEvent | MouseEvent): Box | undefined =>
    boxes.find(
      ({ wide, x, y }) =>
        event.offsetX >= x && event.offsetX < x + wide && event.offsetY >= y && event.offsetY < y + ROW,
    );
  drawn.canvas.addEventListener("pointermove", (event) => say(at(event)));
  drawn.canvas.addEventListener("click", (event) => enter(at(event)));
  drawn.canvas.addEventListener("keydown", (event) => {
    if (event.key === "Enter") enter(boxes[chosen]);
    else if (event.key === "Escape" || event.key === "Backspace") leave();
    else if (event.key === "ArrowRight" || event.key === "ArrowDown")
      chosen = Math.min(boxes.length - 1, chosen + 1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") chosen = Math.max(0, chosen - 1);
    else return;
    event.preventDefault();
    say(boxes[chosen]);
    announce(tip.textContent);
    drawn.redraw();
  });
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
