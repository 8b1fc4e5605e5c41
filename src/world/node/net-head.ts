import type { IncomingHttpHeaders } from "node:http";
import type { NetHead, NetHeaders } from "../net.ts";

/** No honest head comes near; a hostile one must not fill memory. */
export const MAX_HEAD_BYTES = 64 * 1024;

/** Headers as one string each. Their names may be anything, `__proto__` as well. */
export function plainHeaders(headers: IncomingHttpHeaders): NetHeaders {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}

/** Headers as one string each, from names and values in turn. */
export function headersFrom(raw: readonly string[]): NetHeaders {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    const before = headers.get(name);
    const value = raw[at + 1] ?? "";
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}

/** Content-Length in bytes; null when it is not told, or is no plain number. */
export function lengthOf(headers: NetHeaders): number | null {
  const text = headers["content-length"];
  if (text === undefined || !/^[0-9]{1,15}$/.test(text)) return null;
  return Number(text);
}

/** True when the body is not sent as it is: apr asks for no such thing and undoes none. */
export function isEncoded(head: NetHead): boolean {
  const encoding = head.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  return encoding !== "" && encoding !== "identity";
}
