const LEVELS = "▁▂▃▄▅▆▇█";

/** Values from 0 up as a line of blocks of at most `width` columns; of values that share a column the largest shows. */
export function sparkline(values: readonly number[], width: number): string {
  if (values.length === 0) return "";
  const columns = Math.min(width, values.length);
  const peaks = Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    return values.slice(from, Math.max(to, from + 1)).reduce((most, value) => Math.max(most, value), 0);
  });
  const top = peaks.reduce((most, value) => Math.max(most, value), 0);
  return peaks
    .map(
      (value) =>
        LEVELS[top === 0 ? 0 : Math.min(LEVELS.length - 1, Math.floor((value / top) * LEVELS.length))],
    )
    .join("");
}

/** A bar of `width` columns at most for a part of the largest; never empty for what is not 0. */
export function bar(value: number, largest: number, width: number): string {
  if (value <= 0 || largest <= 0) return "";
  return "█".repeat(Math.max(1, Math.round((value / largest) * width)));
}
