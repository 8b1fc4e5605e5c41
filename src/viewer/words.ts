const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A value for people, by its unit. */
export function valueText(value: number, unit: "bytes" | "count" | "log10"): string {
  if (unit === "log10") return value.toFixed(2);
  if (unit === "count") return value.toLocaleString("en-US");
  let scaled = value;
  let at = 0;
  while (Math.abs(scaled) >= 1023.5 && at < BYTES.length - 1) {
    scaled /= 1024;
    at += 1;
  }
  return `${Number.isInteger(scaled) ? scaled : scaled.toFixed(Math.abs(scaled) < 10 ? 1 : 0)} ${BYTES[at]}`;
}

const TIMES = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
] as const;

/** A moment or a span, from nanoseconds. */
export function timeText(ns: number): string {
  const [factor, unit] = TIMES.find(([each]) => Math.abs(ns) >= each) ?? [1, "ns"];
  const value = ns / factor;
  return `${Number.isInteger(value) ? value : value.toFixed(Math.abs(value) < 10 ? 2 : 1)} ${unit}`;
}

/** Round steps of an axis: at most so many between the ends. */
export function ticks(from: number, upto: number, most: number): number[] {
  const raw = (upto - from) / Math.max(1, most);
  if (!(raw > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw) ?? raw;
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= upto && found.length <= most + 1; at += step)
    found.push(at);
  return found;
}
