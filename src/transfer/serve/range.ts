/** A part of a file. */
export interface Span {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export type RangeOutcome =
  | { readonly kind: "whole" }
  | ({ readonly kind: "part" } & Span)
  | { readonly kind: "none" };

const ONE_RANGE = /^bytes=[ \t]*(?:([0-9]{1,15})-([0-9]{0,15})|-([0-9]{1,15}))[ \t]*$/i;

/**
 * What of a file of `sizeBytes` a `Range` header asks for; `none` when no byte of it is there (416). Whatever is
 * not one range of bytes is answered with the whole, as RFC 9110 allows: many ranges only serve to tire a server.
 */
export function rangeOf(header: string | undefined, sizeBytes: number): RangeOutcome {
  const match = header === undefined ? null : ONE_RANGE.exec(header);
  if (match === null) return { kind: "whole" };
  const [, first, last, suffix] = match;
  if (first === undefined) {
    const length = Math.min(Number(suffix), sizeBytes);
    return length === 0 ? { kind: "none" } : part(sizeBytes - length, length);
  }
  const from = Number(first);
  const to = last === undefined || last === "" ? Number.MAX_SAFE_INTEGER : Number(last);
  if (to < from) return { kind: "whole" };
  return from >= sizeBytes ? { kind: "none" } : part(from, Math.min(to, sizeBytes - 1) - from + 1);
}

function part(offsetBytes: number, sizeBytes: number): RangeOutcome {
  return { kind: "part", offsetBytes, sizeBytes };
}

/** `If-Range`: the range counts only for this very version. A date never matches, since none is told. */
export function rangeCounts(ifRange: string | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange.trim() === etag;
}

/** `If-None-Match`: the other side has this version. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((each) => ["*", etag, `W/${etag}`].includes(each.trim()));
}

export type ContentRange =
  /** The chunk goes wherever the upload stands. */
  { readonly kind: "next" } | ({ readonly kind: "at" } & Span) | { readonly kind: "bad" };

const CONTENT_RANGE = /^(?:bytes[ =])?([0-9]{1,15})-([0-9]{1,15})(?:\/(?:[0-9]{1,15}|\*))?$/;

/** `Content-Range` of an upload's chunk: `<first>-<last>`, as OCI has it, or with `bytes ` and a total, as HTTP does. */
export function contentRangeOf(header: string | undefined): ContentRange {
  if (header === undefined) return { kind: "next" };
  const match = CONTENT_RANGE.exec(header.trim());
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || last < first) return { kind: "bad" };
  return { kind: "at", offsetBytes: first, sizeBytes: last - first + 1 };
}
