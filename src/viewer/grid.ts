import type { GridPicture } from "../reports/html/pictures.ts";
import { announce, category, colour, fitText, surface, type Surface } from "./canvas.ts";

const ROW = 18;
const LEFT = 150;
const TOP = 4;
/** A map of many chunks wraps into lines of this many. */
const LEAST_CELL = 6;

/** Cells coloured by category: a map of chunks, or faults against states. */
export function drawGrid(place: HTMLElement, picture: GridPicture): void {
  const longest = Math.max(1, ...picture.rows.map(({ cells }) => cells.length));
  const perLine = (wide: number): number =>
    Math.max(1, Math.min(longest, Math.floor((wide - LEFT) / LEAST_CELL)));
  const linesOf = (wide: number): number =>
    picture.rows.reduce((sum, { cells }) => sum + Math.max(1, Math.ceil(cells.length / perLine(wide))), 0);
  const height = TOP + linesOf(place.clientWidth) * ROW;
  const drawn = surface(place, height, `${picture.title}. ${picture.summary}`, (made) =>
    paint(made, picture, perLine(made.width())),
  );
  const tip = document.createElement("p");
  tip.className = "tip";
  const list = document.createElement("ul");
  list.className = "legend";
  for (const [index, name] of picture.categories.entries()) {
    const item = document.createElement("li");
    item.className = `c${(index % 8) + 1}`;
    item.textContent = name;
    list.append(item);
  }
  place.append(list, tip);
  drawn.canvas.addEventListener("pointermove", (event) => {
    tip.textContent = under(picture, event.offsetX, event.offsetY, drawn.width(), perLine(drawn.width()));
  });
  drawn.canvas.addEventListener("focus", () => announce(picture.summary));
}

function paint(made: Surface, picture: GridPicture, perLine: number): void {
  const { context } = made;
  const wide = (made.width() - LEFT) / perLine;
  let line = 0;
  for (const { cells, label } of picture.rows) {
    context.fillStyle = colour("--text");
    context.fillText(fitText(context, label, LEFT - 8), 2, TOP + line * ROW + 13);
    for (let at = 0; at < cells.length; at++) {
      const kind = cells[at] ?? -1;
      const y = TOP + (line + Math.floor(at / perLine)) * ROW;
      context.fillStyle = kind < 0 ? colour("--line") : category(kind);
      context.fillRect(LEFT + (at % perLine) * wide, y + 1, Math.max(1, wide - 1), ROW - 3);
    }
    line += Math.max(1, Math.ceil(cells.length / perLine));
  }
}

function under(picture: GridPicture, x: number, y: number, width: number, perLine: number): string {
  const column = Math.floor((x - LEFT) / ((width - LEFT) / perLine));
  let line = Math.floor((y - TOP) / ROW);
  for (const { cells, label } of picture.rows) {
    const lines = Math.max(1, Math.ceil(cells.length / perLine));
    if (line < lines) {
      const at = line * perLine + column;
      const kind = cells[at];
      if (column < 0 || column >= perLine || kind === undefined) return label;
      const name = picture.columns[at] ?? `${at}`;
      return `${label} · ${name} · ${kind < 0 ? "none" : (picture.categories[kind] ?? "")}`;
    }
    line -= lines;
  }
  return "";
}
