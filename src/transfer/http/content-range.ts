/** What `Content-Range` says of a body. */
export interface ContentRange {
  readonly firstByte: number;
  readonly lastByte: number;
  /** The whole's size; null where the other side does not know it (`*`). */
  readonly totalBytes: number | null;
}

// At most 16 digits: beyond 2^53 nothing could be counted.
const CONTENT_RANGE = /^bytes ([0-9]{1,16})-([0-9]{1,16})\/([0-9]{1,16}|\*)$/i;
const UNSATISFIED = /^bytes \*\/([0-9]{1,16})$/i;

/** Reads `bytes 0-99/1000` (RFC 9110, section 14.4); null for whatever is not exactly that, or does not add up. */
export function parseContentRange(value: string | undefined): ContentRange | null {
  const found = value === undefined ? null : CONTENT_RANGE.exec(value);
  if (found === null) return null;
  const firstByte = Number(found[1]);
  const lastByte = Number(found[2]);
  const totalBytes = found[3] === "*" ? null : Number(found[3]);
  if (!Number.isSafeInteger(firstByte) || !Number.isSafeInteger(lastByte) || lastByte < firstByte)
    return null;
  if (totalBytes !== null && (!Number.isSafeInteger(totalBytes) || lastByte >= totalBytes)) return null;
  return { firstByte, lastByte, totalBytes };
}

/** The whole's size as a 416 tells it, with `*` for the range; null when it does not say. */
export function parseUnsatisfied(value: string | undefined): number | null {
  const total = Number(UNSATISFIED.exec(value ?? "")?.[1]);
  return Number.isSafeInteger(total) ? total : null;
}

/** A `Content-Length`; null when there is none, or no size. */
export function parseLength(value: string | undefined): number | null {
  if (value === undefined || !/^[0-9]{1,16}$/.test(value)) return null;
  const length = Number(value);
  return Number.isSafeInteger(length) ? length : null;
}
