import type { LanesPicture } from "../reports/html/pictures.ts";
import { announce, category, colour, fitText, surface, type Surface } from "./canvas.ts";
import { describe } from "./describe-event.ts";
import { laneOverview, type LaneOverview } from "./lane-overview.ts";
import { type Range, zoomable } from "./range.ts";
import { lowerBound } from "./search-sorted.ts";
import { searchBox } from "./search.ts";
import { ticks, timeText } from "./words.ts";

const LANE_HEIGHT = 18;
const AXIS_HEIGHT = 22;
const MAX_LANES = 40;
const LABEL_WIDTH = 150;
/** On a phone the lanes need the room. */
const NARROW = 480;
/** So many events are drawn one by one; of more, an overview that has been counted beforehand. */
const MAX_DRAWN = 150_000;

/** Swim lanes over time: zoom, pan, search. */
export function drawLanes(place: HTMLElement, picture: LanesPicture): void {
  const shown = Math.min(picture.lanes.length, MAX_LANES);
  const whole = wholeOf(picture);
  const range: Range = { ...whole };
  const overview = laneOverview(picture, shown, whole);
  const found = new Set<number>();
  const height = shown * LANE_HEIGHT + AXIS_HEIGHT;
  const label = `${picture.title}. Arrow keys move, plus and minus zoom, Home shows all.`;
  const drawn = surface(place, height, label, (made) => {
    draw(made, { picture, shown, range, overview, found });
  });
  const changed = (): void => {
    drawn.redraw();
    announce(`${timeText(range.from)} to ${timeText(range.upto)}`);
  };
  zoomable({ surface: drawn, range, whole, left: labelWidth(drawn), changed });
  const go = (index: number): void => {
    const size = (whole.upto - whole.from) / 50;
    const at = picture.timeNs[index] ?? 0;
    range.from = Math.max(whole.from, at - size / 2);
    range.upto = Math.min(whole.upto, range.from + size);
    drawn.redraw();
  };
  searchBox(place, picture, found, go, drawn.redraw);
  pointer(place, drawn, { picture, shown, range, overview, found });
  if (picture.lanes.length > shown) {
    const note = document.createElement("p");
    note.textContent = `${picture.lanes.length - shown} more lanes are not drawn; the search finds their events.`;
    place.append(note);
  }
}

interface Drawing {
  readonly picture: LanesPicture;
  readonly shown: number;
  readonly range: Range;
  readonly overview: LaneOverview;
  readonly found: ReadonlySet<number>;
}

function wholeOf({ durationNs, timeNs }: LanesPicture): Range {
  const last = timeNs.length - 1;
  let upto = timeNs[last] ?? 0;
  for (let at = 0; at < timeNs.length; at++) {
    upto = Math.max(upto, (timeNs[at] ?? 0) + (durationNs[at] ?? 0));
  }
  const from = timeNs[0] ?? 0;
  return { from, upto: upto > from ? upto : from + 1 };
}

function labelWidth({ width }: Surface): number {
  return width() < NARROW ? 60 : LABEL_WIDTH;
}

function draw(made: Surface, drawing: Drawing): void {
  const { context } = made;
  const left = labelWidth(made);
  const { picture, range, shown } = drawing;
  context.fillStyle = colour("--text");
  for (let lane = 0; lane < shown; lane++) {
    context.fillText(fitText(context, picture.lanes[lane] ?? "", left - 8), 2, lane * LANE_HEIGHT + 13);
  }
  context.save();
  context.beginPath();
  context.rect(left, 0, made.width() - left, made.height);
  context.clip();
  const from = lowerBound(picture.timeNs, range.from - drawing.overview.longestNs);
  const upto = lowerBound(picture.timeNs, range.upto);
  if (upto - from > MAX_DRAWN) drawOverview(made, drawing, left);
  else drawEach(made, drawing, left, from, upto);
  drawMarks(made, drawing, left);
  context.restore();
  drawAxis(made, range, left);
}

function scaleOf(made: Surface, { range }: Drawing, left: number): (ns: number) => number {
  const perNs = (made.width() - left) / (range.upto - range.from);
  return (ns) => left + (ns - range.from) * perNs;
}

function drawEach(made: Surface, drawing: Drawing, left: number, from: number, upto: number): void {
  const { found, picture, shown } = drawing;
  const x = scaleOf(made, drawing, left);
  const colours = picture.kinds.map((_, index) => category(index));
  for (let at = from; at < upto; at++) {
    const lane = picture.lane[at] ?? 0;
    if (lane >= shown) continue;
    const start = x(picture.timeNs[at] ?? 0);
    const wide = x((picture.timeNs[at] ?? 0) + (picture.durationNs[at] ?? 0)) - start;
    made.context.fillStyle = found.has(at) ? colour("--found") : (colours[picture.eventKind[at] ?? 0] ?? "");
    made.context.fillRect(start, lane * LANE_HEIGHT + 3, Math.max(2, wide), LANE_HEIGHT - 6);
  }
}

function drawOverview(made: Surface, drawing: Drawing, left: number): void {
  const { overview, picture, range, shown } = drawing;
  const colours = picture.kinds.map((_, index) => category(index));
  const wide = made.width() - left;
  const perPixel = (range.upto - range.from) / wide;
  for (let lane = 0; lane < shown; lane++) {
    for (let pixel = 0; pixel < wide; pixel++) {
      const kind = overview.kindIn(lane, range.from + pixel * perPixel, range.from + (pixel + 1) * perPixel);
      if (kind === -1) continue;
      made.context.fillStyle = colours[kind] ?? "";
      made.context.fillRect(left + pixel, lane * LANE_HEIGHT + 3, 1, LANE_HEIGHT - 6);
    }
  }
}

function drawMarks(made: Surface, drawing: Drawing, left: number): void {
  const x = scaleOf(made, drawing, left);
  made.context.fillStyle = colour("--fail");
  for (const { label, timeNs } of drawing.picture.marks) {
    made.context.fillRect(x(timeNs), 0, 2, made.height - AXIS_HEIGHT);
    made.context.fillText(label, x(timeNs) + 4, made.height - AXIS_HEIGHT - 2);
  }
}

function drawAxis(made: Surface, range: Range, left: number): void {
  const wide = made.width() - left;
  made.context.fillStyle = colour("--muted");
  for (const ns of ticks(range.from, range.upto, Math.max(2, Math.floor(wide / 110)))) {
    const x = left + ((ns - range.from) / (range.upto - range.from)) * wide;
    made.context.fillRect(x, 0, 1, made.height - AXIS_HEIGHT + 4);
    made.context.fillText(timeText(ns), x + 3, made.height - 6);
  }
}

/** Says what is under the pointer. */
function pointer(place: HTMLElement, made: Surface, drawing: Drawing): void {
  const { picture, range } = drawing;
  const tip = document.createElement("p");
  tip.className = "tip";
  place.append(tip);
  made.canvas.addEventListener("pointermove", (event) => {
    const left = labelWidth(made);
    const lane = Math.floor(event.offsetY / LANE_HEIGHT);
    const perPixel = (range.upto - range.from) / (made.width() - left);
    const ns = range.from + (event.offsetX - left) * perPixel;
    const upto = lowerBound(picture.timeNs, ns + 2 * perPixel);
    for (let at = upto - 1; at >= Math.max(0, upto - 2000); at--) {
      if (picture.lane[at] !== lane) continue;
      const start = picture.timeNs[at] ?? 0;
      if (start + (picture.durationNs[at] ?? 0) < ns - 2 * perPixel) continue;
      tip.textContent = describe(picture, at);
      return;
    }
    tip.textContent = "";
  });
}
