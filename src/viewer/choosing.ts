import type { TreeNode, TreePicture } from "../reports/html/pictures.ts";
import { announce, type Surface } from "./canvas.ts";
import { valueText } from "./words.ts";

/** Boxes of a tree on a canvas: the pointer and the arrow keys choose one, and a line below says what it is. */
export interface Choosing<Box extends { readonly node: TreeNode }> {
  readonly chosen: () => Box | undefined;
  /** The first one again. */
  readonly restart: () => void;
}

interface Wishes<Box> {
  readonly boxes: () => readonly Box[];
  readonly picture: TreePicture;
  /** The box at a point of the canvas. */
  readonly at: (x: number, y: number) => Box | undefined;
  /** Words between the value and the note. */
  readonly more?: (box: Box) => string;
  /** Other keys; true for one that was meant for it. */
  readonly key?: (key: string) => boolean;
}

export function choosing<Box extends { readonly node: TreeNode }>(
  place: HTMLElement,
  { canvas, redraw }: Surface,
  { at, boxes, key, more, picture }: Wishes<Box>,
): Choosing<Box> {
  let index = 0;
  const tip = document.createElement("p");
  tip.className = "tip";
  place.append(tip);
  const say = (box: Box | undefined): void => {
    if (box === undefined) return;
    const { name, note, value } = box.node;
    const words = [name, valueText(value, picture.unit), more?.(box) ?? "", note ?? ""];
    tip.textContent = words.filter((each) => each !== "").join(" · ");
  };
  canvas.addEventListener("pointermove", (event) => say(at(event.offsetX, event.offsetY)));
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" || event.key === "ArrowDown")
      index = Math.min(boxes().length - 1, index + 1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") index = Math.max(0, index - 1);
    else if (key?.(event.key) !== true) return;
    event.preventDefault();
    say(boxes()[index]);
    announce(tip.textContent);
    redraw();
  });
  return {
    chosen: () => boxes()[index],
    restart: () => {
      index = 0;
    },
  };
}
