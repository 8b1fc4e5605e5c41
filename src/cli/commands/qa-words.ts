import { numberParser } from "@stricli/core";
import { AprError } from "../../base/errors.ts";
import { parseDuration } from "../../base/units.ts";

export const parsed = { kind: "parsed", optional: true } as const;
export const text = { ...parsed, parse: String } as const;

export function parseCount(word: string): number {
  const count = numberParser(word);
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    throw new AprError("usage", `not a whole number from 1 to 1000: ${word}`);
  }
  return count;
}

/** Timers cannot wait longer than 24 days; nobody wants to. */
const MAX_TIMEOUT_MS = 7 * 24 * 3_600_000;

export function parseTimeout(word: string): number {
  const ms = parseDuration(word);
  if (ms < 1 || ms > MAX_TIMEOUT_MS) throw new AprError("usage", `not a time from 1ms to 168h: ${word}`);
  return ms;
}

/** `none`: no budget, every point is tried. */
export function parseBudget(word: string): number | null {
  return word === "none" ? null : parseTimeout(word);
}
