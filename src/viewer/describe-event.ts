import type { LanesPicture } from "../reports/html/pictures.ts";
import { timeText } from "./words.ts";

/** One event in words. */
export function describe(picture: LanesPicture, at: number): string {
  const duration = picture.durationNs[at] ?? 0;
  const parts = [
    timeText(picture.timeNs[at] ?? 0),
    picture.kinds[picture.eventKind[at] ?? 0] ?? "",
    duration === 0 ? "" : `for ${timeText(duration)}`,
    picture.lanes[picture.lane[at] ?? 0] ?? "",
    picture.texts[picture.text[at] ?? 0] ?? "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}
