import type { Surface } from "./canvas.ts";

/** The part of an axis that is seen. */
export interface Range {
  from: number;
  upto: number;
}

interface Zoomed {
  readonly surface: Surface;
  readonly range: Range;
  readonly whole: Readonly<Range>;
  /** Pixels on the left and right that are no part of the axis. */
  readonly left: number;
  /** Told after each change. */
  readonly changed: () => void;
}

const STEP = 0.15;
const ZOOM = 1.4;
/** Closer than this many units nothing more can be seen. */
const LEAST = 1e-6;

/** Zooms and pans with wheel, drag, two fingers and keys: arrows, + and −, Home. */
export function zoomable(zoomed: Zoomed): void {
  const { canvas } = zoomed.surface;
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && Math.abs(event.deltaX) > Math.abs(event.deltaY))
        pan(zoomed, event.deltaX / span(zoomed));
      else if (event.ctrlKey || event.shiftKey || document.activeElement === canvas) {
        zoom(zoomed, event.deltaY > 0 ? ZOOM : 1 / ZOOM, placeOf(zoomed, event.offsetX));
      } else return;
      event.preventDefault();
    },
    { passive: false },
  );
  drag(zoomed);
  canvas.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    act(zoomed);
    event.preventDefault();
  });
}

const KEYS: Readonly<Record<string, (zoomed: Zoomed) => void>> = {
  ArrowLeft: (zoomed) => pan(zoomed, -STEP),
  ArrowRight: (zoomed) => pan(zoomed, STEP),
  "+": (zoomed) => zoom(zoomed, 1 / ZOOM, 0.5),
  "=": (zoomed) => zoom(zoomed, 1 / ZOOM, 0.5),
  "-": (zoomed) => zoom(zoomed, ZOOM, 0.5),
  Home: (zoomed) => set(zoomed, zoomed.whole.from, zoomed.whole.upto),
  "0": (zoomed) => set(zoomed, zoomed.whole.from, zoomed.whole.upto),
};

function drag(zoomed: Zoomed): void {
  const { canvas } = zoomed.surface;
  const fingers = new Map<number, number>();
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event.offsetX);
  });
  const lift = (event: PointerEvent): void => void fingers.delete(event.pointerId);
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, event.offsetX);
    if (other === undefined) return pan(zoomed, (before - event.offsetX) / span(zoomed));
    const [was, is] = [Math.abs(before - other), Math.abs(event.offsetX - other)];
    if (is > 0) zoom(zoomed, was / is, placeOf(zoomed, (event.offsetX + other) / 2));
  });
}

function span({ left, surface }: Zoomed): number {
  return Math.max(1, surface.width() - left);
}

/** From 0 at the left end of the axis to 1 at its right. */
function placeOf(zoomed: Zoomed, x: number): number {
  return Math.min(1, Math.max(0, (x - zoomed.left) / span(zoomed)));
}

/** By a share of what is seen. */
function pan(zoomed: Zoomed, by: number): void {
  const { range, whole } = zoomed;
  const size = range.upto - range.from;
  const from = Math.min(Math.max(range.from + by * size, whole.from), whole.upto - size);
  set(zoomed, from, from + size);
}

function zoom(zoomed: Zoomed, factor: number, at: number): void {
  const { range, whole } = zoomed;
  const size = range.upto - range.from;
  const next = Math.min(Math.max(size * factor, LEAST), whole.upto - whole.from);
  const centre = range.from + at * size;
  const from = Math.min(Math.max(centre - at * next, whole.from), whole.upto - next);
  set(zoomed, from, from + next);
}

function set({ changed, range }: Zoomed, from: number, upto: number): void {
  range.from = from;
  range.upto = upto;
  changed();
}
