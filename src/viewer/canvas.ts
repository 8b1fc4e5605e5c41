/** A canvas as wide as its place, sharp on every screen, that draws itself anew when asked. */
export interface Surface {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  readonly width: () => number;
  readonly height: number;
  /** Draws before the next frame; asked any number of times it draws once. */
  readonly redraw: () => void;
}

export function surface(
  place: HTMLElement,
  height: number,
  label: string,
  draw: (surface: Surface) => void,
): Surface {
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label);
  place.append(canvas);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser draws no canvas");
  let asked = false;
  const made: Surface = {
    canvas,
    context,
    height,
    width: () => place.clientWidth,
    redraw() {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        fit(made);
        draw(made);
      });
    },
  };
  new ResizeObserver(made.redraw).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", made.redraw);
  addEventListener("beforeprint", made.redraw);
  made.redraw();
  return made;
}

function fit({ canvas, context, height, width }: Surface): void {
  const scale = devicePixelRatio;
  const wide = Math.max(1, Math.round(width() * scale));
  const high = Math.round(height * scale);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.setProperty("height", `${height}px`);
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width(), height);
  context.font = "12px system-ui, sans-serif";
}

/** A colour of the page's style, as it is now: `--name`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Colours of categories that can be told apart, also without red and green. */
export function category(index: number): string {
  return colour(`--c${(index % 8) + 1}`);
}

/** Tells whoever listens to the page what has changed. */
export function announce(text: string): void {
  const place = document.getElementById("announce");
  if (place !== null) place.textContent = text;
}

/** Text that is cut to so many pixels. */
export function fitText(context: CanvasRenderingContext2D, text: string, wide: number): string {
  if (context.measureText(text).width <= wide) return text;
  let cut = text.slice(0, 200);
  while (cut.length > 1 && context.measureText(`${cut}…`).width > wide) cut = cut.slice(0, -1);
  return `${cut}…`;
}
