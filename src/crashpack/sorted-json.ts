import { isJsonArray, isJsonObject, type Json, MAX_JSON_DEPTH, stringifyJson } from "../base/json.ts";
import { compareUtf8 } from "./utf8-order.ts";

/**
 * Compact JSON with the keys of every object sorted by their UTF-8 bytes. Not by an object with sorted keys: an
 * object puts keys like `10` first, whatever one does. Throws RangeError for what is nested too deeply.
 */
export function sortedJson(value: Json): string {
  return isFlatAndSorted(value) ? stringifyJson(value) : write(value, 0);
}

function write(value: Json, depth: number): string {
  if (typeof value !== "object" || value === null) return stringifyJson(value);
  if (depth > MAX_JSON_DEPTH) throw new RangeError(`nested deeper than ${MAX_JSON_DEPTH} levels`);
  if (isJsonArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(",")}]`;
  if (!isJsonObject(value)) return stringifyJson(value);
  const pairs = Object.entries(value).sort(([a], [b]) => compareUtf8(a, b));
  return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${write(item, depth + 1)}`).join(",")}}`;
}

/** What nearly every event has, so that the engine's own writer can be used. */
function isFlatAndSorted(value: Json): boolean {
  if (!isJsonObject(value)) return false;
  let last: string | null = null;
  for (const key in value) {
    const item = value[key];
    if (typeof item === "object" && item !== null) return false;
    if (last !== null && compareUtf8(last, key) > 0) return false;
    last = key;
  }
  return true;
}
