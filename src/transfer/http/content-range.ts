/** What `Content-Range` says of a body. */
export interface ContentRange {
  readonly firstByte: number;
  readonly lastByte: number;
  /** The whole's size; null where the other side does not know it (`*`). */
  readonly totalBytes: number | null;
}

const UNIT = "bytes ";
// At most 16 digits: beyond 2^53 nothing could be counted.
const MAX_DIGITS = 16;
const UNSATISFIED = /^bytes \*\/([0-9]{1,16})$/i;

/** Reads `bytes 0-99/1000` (RFC 9110, section 14.4); null for whatever is not exactly that, or does not add up. */
export function parseContentRange(value: string | undefined): ContentRange | null {
  if (value === undefined || !(value.startsWith(UNIT) || value.toLowerCase().startsWith(UNIT))) return null;
  const dash = value.indexOf("-", UNIT.length);
  const slash = value.indexOf("/", dash);
  if (dash === -1 || slash === -1) return null;
  const firstByte = count(value, UNIT.length, dash);
  const lastByte = count(value, dash + 1, slash);
  const isOpen = value.length === slash + 2 && value.charCodeAt(slash + 1) === STAR;
  const totalBytes = isOpen ? null : count(value, slash + 1, value.length);
  // What is no count is -1, which comes before everything.
  if (firstByte < 0 || lastByte < firstByte || (totalBytes !== null && lastByte >= totalBytes)) return null;
  return { firstByte, lastByte, totalBytes };
}

const STAR = 0x2a;
const ZERO = 0x30;

/** A number in decimal digits: without an expression's match, since every chunk has four of them. -1 for none. */
function count(text: string, from: number, upto: number): number {
  if (upto === from || upto - from > MAX_DIGITS) return -1;
  let sum = 0;
  for (let at = from; at < upto; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    sum = sum * 10 + digit;
  }
  return Number.isSafeInteger(sum) ? sum : -1;
}

/** The whole's size as a 416 tells it, with `*` for the range; null when it does not say. */
export function parseUnsatisfied(value: string | undefined): number | null {
  const total = Number(UNSATISFIED.exec(value ?? "")?.[1]);
  return Number.isSafeInteger(total) ? total : null;
}

/** A `Content-Length`; null when there is none, or no size. */
export function parseLength(value: string | undefined): number | null {
  const length = value === undefined ? -1 : count(value, 0, value.length);
  return length < 0 ? null : length;
}
