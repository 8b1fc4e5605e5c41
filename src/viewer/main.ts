import type { Picture } from "../reports/html/pictures.ts";
import { drawBars } from "./bars.ts";
import { copyButtons } from "./copy.ts";
import { drawFlame } from "./flame.ts";
import { drawGrid } from "./grid.ts";
import { drawLanes } from "./lanes.ts";
import { drawSeries } from "./series.ts";
import { drawTreemap } from "./treemap.ts";
import { unpacked } from "./unpack.ts";

// All text of the page stands in its HTML already; this draws the pictures, each from its island of JSON.

for (const figure of document.querySelectorAll<HTMLElement>("figure[data-picture]")) {
  const island = document.getElementById(`picture-${figure.dataset["picture"] ?? ""}`);
  const place = figure.querySelector<HTMLElement>(".drawing");
  if (island === null || place === null) continue;
  draw(place, unpacked(JSON.parse(island.textContent)) as Picture);
}
copyButtons();
document.documentElement.dataset["ready"] = "yes";

function draw(place: HTMLElement, picture: Picture): void {
  switch (picture.kind) {
    case "lanes":
      return drawLanes(place, picture);
    case "series":
      return drawSeries(place, picture);
    case "bars":
      return drawBars(place, picture);
    case "flame":
      return drawFlame(place, picture);
    case "treemap":
      return drawTreemap(place, picture);
    case "grid":
      return drawGrid(place, picture);
  }
}
