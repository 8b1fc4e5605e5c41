// How journal and manifest write values and keys. Source: SPEC, section 5.

const PRINTABLE = /^[\x20-\x7e]+$/;
const OPENS = /^["'#\-[{ ]/;
const PLAIN_KEY = /^[A-Za-z0-9_.-]+$/;

/** A value as it stands in a line: bare, or as an ASCII JSON string where bare would be doubtful. */
export function writeValue(value: string): string {
  return PRINTABLE.test(value) && !OPENS.test(value) && !value.endsWith(" ") ? value : asciiJson(value);
}

export function writeKey(key: string): string {
  return PLAIN_KEY.test(key) ? key : asciiJson(key);
}

/** Lone halves of surrogate pairs come out as `\ud800` and read back the same. */
function asciiJson(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Reads a value back; null for a quoted one that is no JSON string. */
export function readValue(text: string): string | null {
  return text.startsWith('"') ? readQuoted(text) : text;
}

/** Reads `KEY: VALUE`; null where it is none. What is not written as we write it shows when it is written again. */
export function readPair(text: string): readonly [key: string, value: string] | null {
  const end = text.startsWith('"') ? endOfQuoted(text) : text.indexOf(":");
  if (end < 1 || !text.startsWith(": ", end)) return null;
  const key = readValue(text.slice(0, end));
  const value = readValue(text.slice(end + 2));
  return key === null || value === null ? null : [key, value];
}

/** The index after a quoted string that begins the text; -1 when it has no end. */
function endOfQuoted(text: string): number {
  for (let at = 1; at < text.length; at++) {
    const char = text[at];
    if (char === '"') return at + 1;
    if (char === "\\") at++;
  }
  return -1;
}

function readQuoted(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}
