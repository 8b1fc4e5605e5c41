import { parseExactly, tooDeep } from "./json-exact.ts";
import { type Json, MAX_JSON_DEPTH } from "./json-value.ts";

export {
  isJsonArray,
  isJsonNumberValue,
  isJsonObject,
  type Json,
  JsonNumber,
  type JsonObject,
  MAX_JSON_DEPTH,
} from "./json-value.ts";
export { stringifyJson } from "./json-write.ts";

const QUOTE = 34;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** `e` with its case bit, so that one comparison covers `E` too. */
const LOWER_E = 101;
const CASE_BIT = 32;

/** Integers of up to this many digits always fit a double exactly. */
const SAFE_DIGITS = 15;

/**
 * Parses JSON text without losing a number: integers that a double cannot hold are bigints, other
 * numbers that a double would change are `JsonNumber`s, all others are plain numbers.
 *
 * Throws an `AprError` of kind `malformed` with `line`, `column` and `offset`, also for nesting deeper
 * than `MAX_JSON_DEPTH`. Of a repeated key the last one counts.
 */
export function parseJson(text: string): Json {
  if (needsExactNumbers(text)) return parseExactly(text);
  try {
    return JSON.parse(text) as Json;
  } catch {
    // The engine's message has no line; the exact parser refuses the same texts and names the place.
    return parseExactly(text);
  }
}

/**
 * Scans what stands outside strings for numbers that `JSON.parse` would change, and for depth.
 * On malformed text it may answer anything: both parsers refuse it.
 */
function needsExactNumbers(text: string): boolean {
  const { length } = text;
  let depth = 0;
  let digits = 0;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      if (++digits > SAFE_DIGITS) return true;
      continue;
    }
    if (code === QUOTE) {
      at = endOfString(text, at + 1);
    } else if (code === DOT || ((code | CASE_BIT) === LOWER_E && digits > 0)) {
      return true;
    } else if (code === MINUS) {
      if (text.charCodeAt(at + 1) === ZERO) return true;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > MAX_JSON_DEPTH) throw tooDeep(text, at);
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth--;
    }
    digits = 0;
  }
  return false;
}

/** Long strings are left to the engine's search; for short ones a loop is quicker than the call. */
const LOOP_LENGTH = 32;

/** The index of the quote that ends a string whose first character is at `at`; the end if none does. */
function endOfString(text: string, at: number): number {
  const { length } = text;
  const near = Math.min(length, at + LOOP_LENGTH);
  for (; at < near; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  for (; at < length; at++) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return length;
    let before = quote;
    while (before > at && text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((quote - before) % 2 === 0) return quote;
    at = quote;
  }
  return length;
}
