/** A size with its unit, as a piece of a pattern: two groups, the number and the unit. */
export const SIZE = String.raw`(\d[\d.,]{0,24}) ?(bytes|[KMGTPE]i?B|kB|B)`;

const POWERS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5, e: 6 };

/**
 * Bytes of a number and a unit, both as written; undefined when it is no number. All these tools mean 2^20 by
 * `MiB`, and those that write `MB` or `kB` in a memory message mean 2^20 and 2^10 too.
 */
export function bytesOf(number: string | undefined, unit: string | undefined): number | undefined {
  if (number === undefined) return undefined;
  const value = Number(number.replaceAll(",", "").replace(/\.$/, ""));
  const power = POWERS[(unit ?? "").charAt(0).toLowerCase()];
  const bytes = Math.round(value * 1024 ** (power ?? 0));
  return Number.isSafeInteger(bytes) || bytes > Number.MAX_SAFE_INTEGER ? bytes : undefined;
}

/** Only the keys that have a value, so that what a message does not tell is absent. */
export function known<T extends object>(of: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as T;
}
