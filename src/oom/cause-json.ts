import type { JsonObject } from "../base/json.ts";
import type { OomCause } from "./cause.ts";
import type { CurvePoint, OomDetail } from "./detail.ts";

/** Points of a curve that a report keeps; of more, every second one goes, again and again. */
const MAX_POINTS = 600;

/** The `cause` block of a report. What no source tells is null, so that a reader finds every key. */
export function causeJson(cause: OomCause, details: readonly OomDetail[]): JsonObject {
  const told = (key: "requestedBytes" | "freeBytes" | "totalBytes" | "limitBytes"): number | null =>
    cause[key] ?? details.find((detail) => detail[key] !== undefined)?.[key] ?? null;
  const { process } = cause;
  return {
    killer: cause.killer,
    tool: cause.tool,
    process:
      process === undefined
        ? null
        : { pid: process.pid ?? null, name: process.name ?? null, command: process.command ?? null },
    device: cause.device ?? null,
    group: cause.group ?? null,
    limit: cause.limit ?? null,
    requested_bytes: told("requestedBytes"),
    free_bytes: told("freeBytes"),
    total_bytes: told("totalBytes"),
    limit_bytes: told("limitBytes"),
    usage_at_death_bytes: cause.usedBytes ?? null,
    message: cause.message ?? null,
    certainty: cause.certainty,
    evidence: [...cause.evidence],
  };
}

/** `{series: [{t_ms, bytes}, …]}`, each series in order and thinned to what a terminal or a chart can show. */
export function curveJson(details: readonly OomDetail[]): JsonObject {
  const series = new Map<string, CurvePoint[]>();
  for (const point of details.flatMap(({ curve }) => curve ?? [])) {
    const points = series.get(point.series);
    if (points === undefined) series.set(point.series, [point]);
    else points.push(point);
  }
  return Object.fromEntries(
    [...series].map(([name, points]) => [
      name,
      thinned(points).map(({ t_ms, bytes }) => ({ t_ms: Math.round(t_ms), bytes: Math.round(bytes) })),
    ]),
  );
}

/** Of each pair the larger one stays, so that no peak is lost. */
function thinned(points: readonly CurvePoint[], most: number = MAX_POINTS): readonly CurvePoint[] {
  let kept = points;
  while (kept.length > most) {
    const half: CurvePoint[] = [];
    for (let at = 0; at < kept.length; at += 2) {
      const [first, second] = [kept[at], kept[at + 1]];
      if (first !== undefined) half.push(second !== undefined && second.bytes > first.bytes ? second : first);
    }
    kept = half;
  }
  return kept;
}
