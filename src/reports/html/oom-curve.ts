import { isJsonArray, type JsonObject } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import type { SeriesPicture } from "./pictures.ts";
import { isObject, numberAt, objectAt } from "./read-json.ts";

const MAX_SERIES = 8;

interface Points {
  readonly name: string;
  readonly at: readonly (readonly [number, number])[];
}

/** The memory curve of a report as a picture; null where it has none. */
export function curvePicture(
  report: JsonObject,
  limitBytes: number | null,
  title: string,
): SeriesPicture | null {
  const all = Object.entries(objectAt(report, "curve")).flatMap(([name, points]): Points[] => {
    if (!isJsonArray(points)) return [];
    const at = points.filter(isObject).flatMap((point): [number, number][] => {
      const [ms, bytes] = [numberAt(point, "t_ms"), numberAt(point, "bytes")];
      return ms === null || bytes === null ? [] : [[ms, bytes]];
    });
    return at.length === 0 ? [] : [{ name, at: at.sort(([a], [b]) => a - b) }];
  });
  if (all.length === 0) return null;
  const shown = all.slice(0, MAX_SERIES);
  const times = [...new Set(shown.flatMap(({ at }) => at.map(([ms]) => ms)))].sort((a, b) => a - b);
  const peaks = shown.map(
    ({ at, name }) => `${name} up to ${formatBytes(Math.max(...at.map(([, bytes]) => bytes)))}`,
  );
  const left = all.length - shown.length;
  return {
    kind: "series",
    title,
    unit: "bytes",
    summary: `${peaks.join(" · ")}${left === 0 ? "" : ` · ${left} more are not drawn`}`,
    timeMs: Float64Array.from(times),
    series: shown.map(({ at, name }) => ({ name, values: held(at, times) })),
    stacked: shown.length > 1 && shown.every(({ name }) => name.startsWith("process ")),
    levels: limitBytes === null || limitBytes <= 0 ? [] : [{ value: limitBytes, label: "limit" }],
    // Only a program that was watched until its end has its death at the end of the curve.
    marks: "program" in report ? [{ timeMs: times.at(-1) ?? 0, label: "death" }] : [],
  };
}

/** At each time the last value that was seen. */
function held(at: readonly (readonly [number, number])[], times: readonly number[]): Float64Array {
  let next = 0;
  let last = 0;
  return Float64Array.from(times, (time) => {
    while (next < at.length && (at[next]?.[0] ?? Infinity) <= time) {
      last = at[next]?.[1] ?? last;
      next += 1;
    }
    return last;
  });
}
