import { isJsonArray, type Json, JsonNumber, MAX_JSON_DEPTH } from "./json-value.ts";

/** A written value may wrap a parsed one, so it may be a little deeper than what the parser takes. */
const MAX_WRITE_DEPTH = MAX_JSON_DEPTH + 64;

/** Writes JSON text as `JSON.stringify` does, with bigints and kept numbers digit for digit. */
export function stringifyJson(value: Json, indent = 0): string {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch {
    // The engine refuses bigints and kept numbers, and only then is the slower writer needed.
    return write(value, " ".repeat(indent), "", 0);
  }
}

function write(value: Json | undefined, step: string, margin: string, depth: number): string {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof JsonNumber) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  if (depth > MAX_WRITE_DEPTH) throw new RangeError("JSON value is nested too deeply, or contains itself");
  const inner = margin + step;
  if (isJsonArray(value)) {
    return join(
      "[",
      value.map((item) => write(item, step, inner, depth + 1)),
      "]",
      step,
      margin,
    );
  }
  const colon = step === "" ? ":" : ": ";
  const members = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => JSON.stringify(key) + colon + write(item, step, inner, depth + 1));
  return join("{", members, "}", step, margin);
}

function join(open: string, parts: readonly string[], close: string, step: string, margin: string): string {
  if (parts.length === 0) return open + close;
  if (step === "") return open + parts.join(",") + close;
  return `${open}\n${margin}${step}${parts.join(`,\n${margin}${step}`)}\n${margin}${close}`;
}
