import { isJsonObject, type Json, parseJson, stringifyJson } from "../../base/json.ts";
import { PARTS_HEADER } from "../../transfer/registry/parts.ts";
import type { NetAnswer, NetHead, NetHeaders } from "../../world/net.ts";

// A record may be sent to somebody else: tokens, cookies and signatures in queries are left out before it is made.

/** What the engine looks at. No other header of an answer is kept. */
const HEADERS: ReadonlySet<string> = new Set([
  ...["accept-ranges", "content-encoding", "content-length", "content-range", "content-type", "etag"],
  ...["last-modified", "location", "range", "retry-after", "www-authenticate", "docker-content-digest"],
  ...["oci-chunk-min-length", "x-error-code", PARTS_HEADER],
]);
/** A query in its place: the engine adds to it, and what it was is nobody's business. */
const LEFT_OUT = "left-out";
const SECRET_KEYS: ReadonlySet<string> = new Set(["token", "access_token", "refresh_token", "id_token"]);

/** A URL without what may be secret in it: its query, user and password. */
export function withoutQuery(text: string): string {
  const query = text.indexOf("?");
  const clean = query === -1 ? text : `${text.slice(0, query)}?${LEFT_OUT}`;
  return clean.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

/** The same for every URL in a message. */
export function withoutQueries(text: string): string {
  return text.replaceAll(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, (url) => withoutQuery(url));
}

export function cleanHead({ headers, status }: NetHead): NetHead {
  const kept = Object.entries(headers).filter(([name]) => HEADERS.has(name));
  return {
    status,
    headers: Object.fromEntries(kept.map(([name, value]) => [name, cleanHeader(name, value)])),
  };
}

function cleanHeader(name: string, value: string): string {
  return name === "location" ? withoutQuery(value) : value;
}

/** An answer whose body holds a token becomes one that holds none, with everything else in it. */
export function cleanAnswer(answer: NetAnswer): NetAnswer {
  const headers: NetHeaders = cleanHead(answer).headers;
  const { body, status } = answer;
  const first = body.find((byte) => byte > 0x20);
  if (first !== 0x7b || body.length > 1024 * 1024) return { status, headers, body };
  let document: Json;
  try {
    document = parseJson(Buffer.from(body).toString("utf8"));
  } catch {
    return { status, headers, body };
  }
  if (!isJsonObject(document) || !Object.keys(document).some((key) => SECRET_KEYS.has(key))) {
    return { status, headers, body };
  }
  const pairs = Object.entries(document).map(([key, value]): [string, Json] => [
    key,
    SECRET_KEYS.has(key) && typeof value === "string" ? LEFT_OUT : value,
  ]);
  return { status, headers, body: Buffer.from(stringifyJson(Object.fromEntries(pairs))) };
}
