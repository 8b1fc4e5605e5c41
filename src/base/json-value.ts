/** Any JSON value, with numbers kept exactly. */
export type Json = null | boolean | number | bigint | string | JsonNumber | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * A number that a double would change: written as a float where the double looks like an integer
 * (`1.0`, `1e3`, `-0`), or with more digits or range than a double has. It keeps its text.
 */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Like a bigint, it refuses `JSON.stringify`: only `stringifyJson` writes it without loss. */
  toJSON(): never {
    throw new TypeError("a JsonNumber needs stringifyJson");
  }
}

/** True for a JSON object: not null, not an array, not a kept number. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}

/** True for every JSON number, however it is held. */
export function isJsonNumberValue(value: Json | undefined): value is number | bigint | JsonNumber {
  return typeof value === "number" || typeof value === "bigint" || value instanceof JsonNumber;
}

/** True for a JSON array. `Array.isArray` alone does not narrow a readonly one. */
export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Nesting beyond this is refused, so that no walk over a parsed value can exhaust the stack. */
export const MAX_JSON_DEPTH = 512;
