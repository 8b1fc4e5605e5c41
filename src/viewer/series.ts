import type { SeriesPicture } from "../reports/html/pictures.ts";
import { announce, category, colour, surface, type Surface } from "./canvas.ts";
import { type Range, zoomable } from "./range.ts";
import { lowerBound } from "./search-sorted.ts";
import { extremes, type Extremes } from "./extremes.ts";
import { ticks, timeText, valueText } from "./words.ts";

const HEIGHT = 220;
const LEFT = 70;
const BOTTOM = 22;
const NS = 1e6;

/** Values over time, as lines or stacked areas: zoom and pan. */
export function drawSeries(place: HTMLElement, picture: SeriesPicture): void {
  const { series, timeMs } = picture;
  const first = timeMs[0] ?? 0;
  const last = timeMs.at(-1) ?? first;
  const whole = { from: first, upto: last > first ? last : first + 1 };
  const range: Range = { ...whole };
  const lines = (picture.stacked ? stacked(picture) : series.map(({ values }) => values)).map(extremes);
  const top = topOf(picture, lines);
  const label = `${picture.title}. Arrow keys move, plus and minus zoom, Home shows all.`;
  const drawn = surface(place, HEIGHT, label, (made) => draw(made, { picture, lines, range, top }));
  const changed = (): void => {
    drawn.redraw();
    announce(`${timeText(range.from * NS)} to ${timeText(range.upto * NS)}`);
  };
  zoomable({ surface: drawn, range, whole, left: LEFT, changed });
  legend(place, picture);
  pointer(place, drawn, picture, range);
}

interface Drawing {
  readonly picture: SeriesPicture;
  readonly lines: readonly Extremes[];
  readonly range: Range;
  readonly top: number;
}

/** Each series on the sum of those before it. */
function stacked({ series, timeMs }: SeriesPicture): Float64Array[] {
  const sum = new Float64Array(timeMs.length);
  return series.map(({ values }) => {
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + (values[at] ?? 0);
    return sum.slice();
  });
}

function topOf({ levels, timeMs }: SeriesPicture, lines: readonly Extremes[]): number {
  const values = [
    ...lines.map((line) => line.between(0, timeMs.length)[1]),
    ...levels.map(({ value }) => value),
  ];
  return Math.max(1, ...values) * 1.08;
}

function draw(made: Surface, { lines, picture, range, top }: Drawing): void {
  const { context } = made;
  const wide = made.width() - LEFT;
  const high = HEIGHT - BOTTOM;
  const y = (value: number): number => high - (value / top) * high;
  axes(made, picture, range, top, y);
  context.save();
  context.beginPath();
  context.rect(LEFT, 0, wide, high);
  context.clip();
  const perPixel = (range.upto - range.from) / wide;
  // What is stacked is painted from the top one down, so that each shows its own share.
  for (const [index, line] of [...lines.entries()].reverse()) {
    context.fillStyle = category(index);
    for (let pixel = 0; pixel < wide; pixel++) {
      const from = lowerBound(picture.timeMs, range.from + pixel * perPixel);
      const upto = Math.max(from + 1, lowerBound(picture.timeMs, range.from + (pixel + 1) * perPixel));
      // Between two samples the one before still holds.
      const [low, most] = line.between(Math.max(0, upto - from > 1 ? from : from - 1), upto);
      const bottom = picture.stacked ? 0 : low;
      const size = Math.max(1.5, y(bottom) - y(most));
      context.fillRect(LEFT + pixel, y(most), 1.2, size);
    }
  }
  context.fillStyle = colour("--fail");
  for (const { label, timeMs } of picture.marks) {
    const x = LEFT + ((timeMs - range.from) / (range.upto - range.from)) * wide;
    context.fillRect(x, 0, 2, high);
    context.fillText(label, Math.max(LEFT, Math.min(x + 4, LEFT + wide - 80)), 12);
  }
  for (const { label, value } of picture.levels) {
    context.fillRect(LEFT, y(value), wide, 1.5);
    context.fillText(label, LEFT + 4, y(value) - 3 < 12 ? y(value) + 13 : y(value) - 3);
  }
  context.restore();
}

function axes(
  made: Surface,
  { unit }: SeriesPicture,
  range: Range,
  top: number,
  y: (value: number) => number,
): void {
  const { context } = made;
  const wide = made.width() - LEFT;
  context.fillStyle = colour("--muted");
  for (const value of ticks(0, top, 5)) {
    context.fillText(valueText(value, unit), 2, y(value) + 4);
    context.fillRect(LEFT - 4, y(value), wide + 4, 0.5);
  }
  for (const ms of ticks(range.from, range.upto, Math.max(2, Math.floor(wide / 110)))) {
    const x = LEFT + ((ms - range.from) / (range.upto - range.from)) * wide;
    context.fillText(timeText(ms * NS), x + 3, made.height - 6);
  }
}

function legend(place: HTMLElement, { series }: SeriesPicture): void {
  const list = document.createElement("ul");
  list.className = "legend";
  for (const [index, { name }] of series.entries()) {
    const item = document.createElement("li");
    item.className = `c${(index % 8) + 1}`;
    item.textContent = name;
    list.append(item);
  }
  place.append(list);
}

function pointer(place: HTMLElement, made: Surface, picture: SeriesPicture, range: Range): void {
  const tip = document.createElement("p");
  tip.className = "tip";
  place.append(tip);
  made.canvas.addEventListener("pointermove", (event) => {
    const wide = made.width() - LEFT;
    const ms = range.from + ((event.offsetX - LEFT) / wide) * (range.upto - range.from);
    const at = Math.max(0, lowerBound(picture.timeMs, ms) - 1);
    const values = picture.series.map(
      ({ name, values: each }) => `${name} ${valueText(each[at] ?? 0, picture.unit)}`,
    );
    tip.textContent = [timeText((picture.timeMs[at] ?? 0) * NS), ...values].join(" · ");
  });
}
