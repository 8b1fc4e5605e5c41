import type { NetHead } from "../../world/net.ts";
import type { SourceFailure } from "../source.ts";
import { type ContentRange, parseContentRange, parseLength, parseUnsatisfied } from "./content-range.ts";
import { sameVersion, versionOf } from "./version.ts";

/** The bytes that a request asked for. */
export interface WantedRange {
  readonly firstByte: number;
  readonly lastByte: number;
  /** The whole's size, as others told it. */
  readonly sizeBytes: number | null;
}

/** What to do with an answer, from its head alone. */
export type RangeVerdict =
  /** Its body is what was asked for; it comes from this version of the file. */
  | { readonly kind: "take"; readonly version: string }
  | { readonly kind: "no-ranges" }
  | { readonly kind: "changed"; readonly why: string }
  /** No body to take: its status says why. */
  | { readonly kind: "status"; readonly head: NetHead }
  | SourceFailure;

/** Judges the answer to a GET with a range. `version` is the one that earlier bytes came from. */
export function rangeAnswer(head: NetHead, wanted: WantedRange, version: string | null): RangeVerdict {
  if (head.status === 206) return partial(head, wanted, version);
  if (head.status === 200) return wholeForRange(head, wanted, version);
  if (head.status === 416) return unsatisfied(head, wanted, version);
  return otherStatus(head);
}

/** Judges the answer to a GET of everything. */
export function wholeAnswer(
  head: NetHead,
  sizeBytes: number | null,
  maxBytes: number,
  version: string | null,
): RangeVerdict {
  if (head.status !== 200) return otherStatus(head);
  const wrong = encoded(head) ?? badLength(head);
  if (wrong !== null) return wrong;
  const lengthBytes = parseLength(head.headers["content-length"]);
  const now = versionOf(head.headers, lengthBytes);
  if (version !== null && !sameVersion(version, now)) return changed(version, now);
  if (lengthBytes !== null && sizeBytes !== null && lengthBytes !== sizeBytes)
    return wrongSize(lengthBytes, sizeBytes);
  if (lengthBytes !== null && lengthBytes > maxBytes) {
    return failed("too-large", `is ${lengthBytes} bytes long; at most ${maxBytes} are taken`, "never");
  }
  return { kind: "take", version: now };
}

function partial(head: NetHead, wanted: WantedRange, version: string | null): RangeVerdict {
  const type = head.headers["content-type"];
  if (type !== undefined && /^\s*multipart\//i.test(type))
    return failed("protocol", "answered a range with several parts", "never");
  const wrong = encoded(head) ?? badLength(head);
  if (wrong !== null) return wrong;
  const range = parseContentRange(head.headers["content-range"]);
  if (range === null)
    return failed("protocol", "answered 206 without a Content-Range that can be read", "soon");
  const now = versionOf(head.headers, range.totalBytes);
  if (version !== null && !sameVersion(version, now)) return changed(version, now);
  if (range.totalBytes !== null && wanted.sizeBytes !== null && range.totalBytes !== wanted.sizeBytes) {
    return wrongSize(range.totalBytes, wanted.sizeBytes);
  }
  return misplaced(head, range, wanted) ?? { kind: "take", version: now };
}

/** The range must be the one that was asked for, and the body as long as it. */
function misplaced(head: NetHead, range: ContentRange, wanted: WantedRange): SourceFailure | null {
  const { firstByte, lastByte } = range;
  if (firstByte !== wanted.firstByte || lastByte !== wanted.lastByte) {
    const asked = `${wanted.firstByte}-${wanted.lastByte}`;
    return failed("protocol", `was asked for bytes ${asked} and sent ${firstByte}-${lastByte}`, "soon");
  }
  const lengthBytes = parseLength(head.headers["content-length"]);
  if (lengthBytes === null || lengthBytes === lastByte - firstByte + 1) return null;
  return failed("protocol", "sent a Content-Length that does not fit its Content-Range", "soon");
}

/** A server that ignores ranges: its answer will do where the chunk is all there is. */
function wholeForRange(head: NetHead, wanted: WantedRange, version: string | null): RangeVerdict {
  const wrong = encoded(head) ?? badLength(head);
  if (wrong !== null) return wrong;
  const lengthBytes = parseLength(head.headers["content-length"]);
  const now = versionOf(head.headers, lengthBytes);
  if (version !== null && !sameVersion(version, now)) return changed(version, now);
  const all = wanted.firstByte === 0 && lengthBytes === wanted.lastByte + 1;
  return all && (wanted.sizeBytes ?? lengthBytes) === lengthBytes
    ? { kind: "take", version: now }
    : { kind: "no-ranges" };
}

/** What was asked for lies beyond its end: it became shorter, or was never as long as others said. */
function unsatisfied(head: NetHead, wanted: WantedRange, version: string | null): RangeVerdict {
  const totalBytes = parseUnsatisfied(head.headers["content-range"]);
  if (totalBytes === null || totalBytes > wanted.lastByte) {
    return failed("protocol", "answered 416 to a range that it should have", "soon");
  }
  if (version !== null) return { kind: "changed", why: `it is only ${totalBytes} bytes long now` };
  return failed("size", `is only ${totalBytes} bytes long`, "never");
}

function otherStatus(head: NetHead): RangeVerdict {
  if (head.status >= 400) return { kind: "status", head };
  return failed("protocol", `answered ${head.status} to a GET`, "never");
}

/** apr asks for no encoding: a compressed body would have other bytes. */
function encoded(head: NetHead): SourceFailure | null {
  const told = head.headers["content-encoding"];
  if (told === undefined) return null;
  const encoding = told.trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return null;
  return failed("protocol", "compressed its answer, which was not asked for", "never");
}

function badLength(head: NetHead): SourceFailure | null {
  const text = head.headers["content-length"];
  if (text === undefined || parseLength(text) !== null) return null;
  return failed("protocol", "sent a Content-Length that is no size", "never");
}

function wrongSize(gotBytes: number, wantedBytes: number): SourceFailure {
  return failed("size", `is ${gotBytes} bytes long, not ${wantedBytes}`, "never");
}

function changed(before: string, now: string): RangeVerdict {
  return { kind: "changed", why: `it was ${before}, and is ${now}` };
}

function failed(code: string, why: string, retry: SourceFailure["retry"]): SourceFailure {
  return { kind: "failed", code, why, retry, afterMs: null };
}
