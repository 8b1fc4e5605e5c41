import type { JsonObject } from "./json-value.ts";

let shared: WeakMap<JsonObject, readonly string[]> | null = null;

/** An object's keys. Inside `sharingKeys` each object's are listed only once. */
export function keysOf(object: JsonObject): readonly string[] {
  const known = shared?.get(object);
  if (known !== undefined) return known;
  const keys = Object.keys(object);
  shared?.set(object, keys);
  return keys;
}

/**
 * Runs `work`, which must be synchronous and change nothing that it looks at. Listing the keys of an
 * object that has a million takes a tenth of a second, and several gates ask for the same ones.
 */
export function sharingKeys<T>(work: () => T): T {
  if (shared !== null) return work();
  shared = new WeakMap();
  try {
    return work();
  } finally {
    shared = null;
  }
}
