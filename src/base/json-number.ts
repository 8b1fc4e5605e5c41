import { type Json, JsonNumber } from "./json-value.ts";

/** Longer integers keep their text: turning them into bigints takes time that grows faster than they do. */
const MAX_BIGINT_DIGITS = 1024;

/** Decimals of up to this many significant digits survive a double unchanged. */
const EXACT_DECIMAL_DIGITS = 15;

/** Holds a JSON number's text in the lightest way that loses nothing. */
export function parseNumberText(text: string): Json {
  const value = Number(text);
  if (/[.eE]/.test(text)) return isFaithfulFraction(text, value) ? value : new JsonNumber(text);
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? new JsonNumber(text) : value;
  return text.length <= MAX_BIGINT_DIGITS ? BigInt(text) : new JsonNumber(text);
}

/** True when the double shows that it was a float, and stands for exactly the decimal that was written. */
function isFaithfulFraction(text: string, value: number): boolean {
  if (!Number.isFinite(value) || Number.isInteger(value)) return false;
  // Sign, a leading zero and the point come on top of the digits.
  if (text.length <= EXACT_DECIMAL_DIGITS && !/[eE]/.test(text)) return true;
  return canonicalDecimal(text) === canonicalDecimal(String(value));
}

/** One spelling for each decimal value: sign, digits without outer zeros, power of ten. */
function canonicalDecimal(text: string): string {
  const parts = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(text);
  if (parts === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = parts;
  const digits = trimZeros(whole + fraction);
  return `${sign}${digits.text}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.dropped)}`;
}

function trimZeros(digits: string): { text: string; dropped: number } {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end--;
  let start = 0;
  while (start < end && digits[start] === "0") start++;
  return { text: digits.slice(start, end), dropped: digits.length - end };
}
