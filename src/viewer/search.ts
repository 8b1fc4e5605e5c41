import type { LanesPicture } from "../reports/html/pictures.ts";
import { announce } from "./canvas.ts";
import { describe } from "./describe-event.ts";

/** Finds events by their kind, lane or text; Enter goes to the next one. */
export function searchBox(
  place: HTMLElement,
  picture: LanesPicture,
  found: Set<number>,
  go: (index: number) => void,
  redraw: () => void,
): void {
  const row = document.createElement("p");
  row.className = "search";
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = "search events";
  input.setAttribute("aria-label", `Search the events of ${picture.title}`);
  const said = document.createElement("span");
  row.append(input, said);
  place.prepend(row);
  let order: number[] = [];
  let at = -1;
  input.addEventListener("input", () => {
    order = matches(picture, input.value);
    at = -1;
    found.clear();
    for (const each of order) found.add(each);
    said.textContent = input.value === "" ? "" : ` ${order.length.toLocaleString("en-US")} found`;
    redraw();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || order.length === 0) return;
    event.preventDefault();
    at = (at + (event.shiftKey ? order.length - 1 : 1)) % order.length;
    const index = order[at] ?? 0;
    go(index);
    said.textContent = ` ${at + 1} of ${order.length.toLocaleString("en-US")}: ${describe(picture, index)}`;
    announce(describe(picture, index));
  });
}

function matches(picture: LanesPicture, words: string): number[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === "") return [];
  const has = (text: string): boolean => text.toLowerCase().includes(wanted);
  const [kinds, lanes, texts] = [picture.kinds.map(has), picture.lanes.map(has), picture.texts.map(has)];
  const found: number[] = [];
  for (let at = 0; at < picture.timeNs.length; at++) {
    const hit =
      kinds[picture.eventKind[at] ?? 0] === true ||
      lanes[picture.lane[at] ?? 0] === true ||
      texts[picture.text[at] ?? 0] === true;
    if (hit) found.push(at);
  }
  return found;
}
