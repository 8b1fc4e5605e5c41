import type { NetHeaders } from "../../world/net.ts";

/** Longest tag that is kept: it goes into journals. Real ones are under 100 characters. */
const MAX_TAG_CHARS = 512;
const PRINTABLE = /^[\x20-\x7e]+$/;

/**
 * What tells one version of a file from another: the ETag, else the time of its last change, and the whole's size.
 * An ETag is opaque text, weak or strong: a weak one that changed is a change all the same.
 */
export function versionOf(headers: NetHeaders, totalBytes: number | null): string {
  const { etag, "last-modified": modified } = headers;
  // Of each chunk it is asked again.
  if (etag === last.etag && modified === last.modified && totalBytes === last.totalBytes) return last.version;
  last = { etag, modified, totalBytes, version: written(etag, modified, totalBytes) };
  return last.version;
}

let last: {
  readonly etag: string | undefined;
  readonly modified: string | undefined;
  readonly totalBytes: number | null;
  readonly version: string;
} = { etag: undefined, modified: undefined, totalBytes: null, version: "size ?" };

function written(
  etagOrNone: string | undefined,
  modifiedOrNone: string | undefined,
  totalBytes: number | null,
): string {
  const total = totalBytes === null ? "?" : String(totalBytes);
  const etag = usable(etagOrNone);
  if (etag !== null) return `etag ${etag} ${total}`;
  const modified = usable(modifiedOrNone);
  return modified === null ? `size ${total}` : `modified ${modified} ${total}`;
}

/** True when both can be of the same version: a size that one answer did not tell differs from none. */
export function sameVersion(before: string, now: string): boolean {
  if (before === now) return true;
  const [left, right] = [split(before), split(now)];
  return left.tag === right.tag && (left.total === right.total || left.total === "?" || right.total === "?");
}

function split(version: string): { readonly tag: string; readonly total: string } {
  const space = version.lastIndexOf(" ");
  return { tag: version.slice(0, space), total: version.slice(space + 1) };
}

function usable(value: string | undefined): string | null {
  const text = value?.trim() ?? "";
  return text.length <= MAX_TAG_CHARS && PRINTABLE.test(text) ? text : null;
}
