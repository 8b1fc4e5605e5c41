import type { GridPicture } from "../reports/html/pictures.ts";
import { announce, category, colour, fitText, surface, type Surface } from "./canvas.ts";
import {
  type Cell,
  cellAt,
  type Layout,
  layoutOf,
  moved,
  placeOf,
  ROW,
  textOf,
  TOP_PAD,
} from "./grid-layout.ts";

/** Cells coloured by category: a map of chunks, faults × points, faults × states. */
export function drawGrid(place: HTMLElement, picture: GridPicture): void {
  const layout = (wide: number): Layout => layoutOf(picture, wide);
  let cursor: Cell | null = null;
  const drawn = surface(
    place,
    layout(place.clientWidth).height,
    `${picture.title}. ${picture.summary}`,
    (made) => paint(made, picture, layout(made.width()), cursor),
  );
  const tip = document.createElement("p");
  tip.className = "tip";
  place.append(legend(picture), tip);
  const { canvas } = drawn;
  const under = (event: MouseEvent): Cell | null =>
    cellAt(picture, layout(drawn.width()), event.offsetX, event.offsetY);
  canvas.addEventListener("pointermove", (event) => {
    const cell = under(event);
    tip.textContent = cell === null ? "" : textOf(picture, cell);
  });
  canvas.addEventListener("click", (event) => lead(picture, under(event)));
  canvas.addEventListener("focus", () => announce(picture.summary));
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      // The focus moves to a summary, which the same key would close again.
      event.preventDefault();
      return lead(picture, cursor);
    }
    const next = moved(picture, cursor, event.key);
    if (next === null) return;
    event.preventDefault();
    cursor = next;
    tip.textContent = textOf(picture, next);
    announce(tip.textContent);
    drawn.redraw();
  });
}

/** Opens the details that a cell leads to. */
function lead({ anchors, rows }: GridPicture, cell: Cell | null): void {
  if (cell === null) return;
  const anchor = anchors?.[rows[cell.row]?.leads?.[cell.at] ?? -1];
  const details = anchor === undefined ? null : document.getElementById(anchor);
  if (!(details instanceof HTMLDetailsElement)) return;
  details.open = true;
  details.scrollIntoView();
  details.querySelector("summary")?.focus();
}

function legend({ categories, tones }: GridPicture): HTMLElement {
  const list = document.createElement("ul");
  list.className = "legend";
  for (const [index, name] of categories.entries()) {
    const item = document.createElement("li");
    const tone = tones?.[index];
    item.className = tone === undefined ? `c${(index % 8) + 1}` : `tone ${tone}`;
    item.textContent = name;
    list.append(item);
  }
  return list;
}

function paint(made: Surface, picture: GridPicture, layout: Layout, cursor: Cell | null): void {
  const { context } = made;
  // Asked for once: a colour of the style costs more than a cell.
  const colours = picture.categories.map((_, kind) => {
    const tone = picture.tones?.[kind];
    return tone === undefined ? category(kind) : colour(`--${tone}`);
  });
  const [text, none] = [colour("--text"), colour("--line")];
  if (layout.heads > 0) paintHeads(made, picture, layout, text);
  for (const [row, { cells, label }] of picture.rows.entries()) {
    context.fillStyle = text;
    const top = placeOf(layout, { row, at: 0 }).y;
    context.fillText(fitText(context, label, layout.left - 8), 2, top + 13);
    for (let at = 0; at < cells.length; at++) {
      const kind = cells[at] ?? -1;
      const { x, y } = placeOf(layout, { row, at });
      context.fillStyle = kind < 0 ? none : (colours[kind] ?? text);
      // What is none is small, so that it is told apart without colours too.
      const [inset, high] = kind < 0 ? [layout.wide / 3, 4] : [0, ROW - 3];
      context.fillRect(x + inset, y + (ROW - 2 - high) / 2, Math.max(1, layout.wide - 1 - 2 * inset), high);
    }
  }
  if (cursor === null) return;
  const { x, y } = placeOf(layout, cursor);
  context.strokeStyle = text;
  context.lineWidth = 2;
  context.strokeRect(x - 1, y - 1, layout.wide + 1, ROW - 1);
}

/** Names of the columns, from bottom to top. */
function paintHeads({ context }: Surface, { columns }: GridPicture, layout: Layout, text: string): void {
  context.fillStyle = text;
  for (const [at, name] of columns.entries()) {
    context.save();
    context.translate(layout.left + (at + 0.5) * layout.wide + 4, TOP_PAD + layout.heads - 6);
    context.rotate(-Math.PI / 2);
    context.fillText(fitText(context, name, layout.heads - 8), 0, 0);
    context.restore();
  }
}
