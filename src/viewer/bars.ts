import type { BarsPicture } from "../reports/html/pictures.ts";
import { valueText } from "./words.ts";

const SVG = "http://www.w3.org/2000/svg";
const ROW = 24;
const LABELS = 42;

/** Bars with their values as text, and intervals where they are known. Sizes are in per cent, so that they print. */
export function drawBars(place: HTMLElement, { bars, title, unit }: BarsPicture): void {
  const values = bars.flatMap(({ high, low, value }) => [value, low ?? value, high ?? value]);
  const least = Math.min(0, ...values);
  const most = Math.max(0, ...values);
  const size = most - least || 1;
  const x = (value: number): string => `${LABELS + ((value - least) / size) * (80 - LABELS)}%`;
  const width = (from: number, upto: number): string => `${(Math.abs(upto - from) / size) * (80 - LABELS)}%`;
  const svg = make("svg", { width: "100%", height: bars.length * ROW, role: "img", "aria-label": title });
  for (const [index, bar] of bars.entries()) {
    const y = index * ROW;
    const label = make("text", { x: 0, y: y + 16 });
    label.textContent = bar.label.length > 48 ? `${bar.label.slice(0, 47)}…` : bar.label;
    const from = Math.min(0, bar.value);
    svg.append(label, make("rect", { x: x(from), y: y + 4, width: width(0, bar.value), height: ROW - 8 }));
    if (bar.low !== undefined && bar.high !== undefined) {
      const line = { x: x(bar.low), y: y + ROW / 2 - 1, width: width(bar.low, bar.high), height: 2 };
      svg.append(make("rect", { ...line, class: "interval" }));
    }
    const text = make("text", { x: "81%", y: y + 16, class: "value" });
    text.textContent = valueText(bar.value, unit);
    svg.append(text);
  }
  place.append(svg);
}

function make(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
