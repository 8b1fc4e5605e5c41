import { AprError } from "./errors.ts";

const BINARY_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes for people: `512 B`, `2.1 MiB`, `64 MiB`. A rounded figure under ten keeps its decimal, so `2.0 MiB` is not exact. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return "unknown";
  if (bytes < 0) return `-${formatBytes(-bytes)}`;
  let value = bytes;
  let unit = 0;
  // Compared as it will be shown, so that 1023.9 KiB becomes 1.0 MiB and never "1024 KiB".
  while (Math.round(value) >= 1024 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${shortNumber(value)} ${BINARY_UNITS[unit]}`;
}

/** A span of time for people, from milliseconds: `2 ms`, `0.4 ms`, `1.2 s`, `2 min 5 s`, `1 h 5 min`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "unknown";
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 999.5) return `${shortNumber(ms)} ms`;
  if (ms < 59_950) return `${shortNumber(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return twoParts(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  return twoParts(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

function twoParts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function shortNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  if (value < 9.95) return value.toFixed(1);
  return value < 99.95 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value));
}

/** As coreutils reads them: `K` and `KiB` are 1024, `KB` is 1000. */
const BYTE_FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  ...Object.fromEntries(
    ["k", "m", "g", "t", "p"].flatMap((letter, index) => [
      [letter, 1024 ** (index + 1)],
      [`${letter}ib`, 1024 ** (index + 1)],
      [`${letter}b`, 1000 ** (index + 1)],
    ]),
  ),
};

/** Reads `64MiB`, `1.5G` or `4096` as bytes, a fraction of a byte dropped. Throws a usage error for anything else. */
export function parseBytes(text: string): number {
  return parseQuantity(text, BYTE_FACTORS, "a size", "such as 64MiB, 1.5G or 4096");
}

const DURATION_FACTORS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** Reads `500ms`, `2s`, `1m` or `1h` as milliseconds. Throws a usage error for anything else, a bare number included. */
export function parseDuration(text: string): number {
  return parseQuantity(text, DURATION_FACTORS, "a duration", "with its unit, such as 500ms, 2s or 1m");
}

function parseQuantity(
  text: string,
  factors: Readonly<Record<string, number>>,
  what: string,
  hint: string,
): number {
  const parts = /^(\d{1,16}(?:\.\d{1,16})?) ?([a-z]*)$/i.exec(text.trim());
  const unit = parts?.[2]?.toLowerCase() ?? "";
  const factor = Object.hasOwn(factors, unit) ? factors[unit] : undefined;
  const value = Math.floor(Number(parts?.[1]) * (factor ?? Number.NaN));
  if (!Number.isSafeInteger(value)) {
    throw new AprError("usage", `not ${what}: ${JSON.stringify(text)}`, { hint });
  }
  return value;
}
