import { AprError } from "../../base/errors.ts";
import { digestOf } from "../../store/digest.ts";
import { LOCAL, nameFrom } from "../../store/ref.ts";
import { isLoopback } from "../http/loopback.ts";
import { invalidRef, type ReferenceOptions, shown, type UrlReference } from "./reference-kinds.ts";
import { SHARD, WEIGHTS } from "./reference-hub.ts";

const DIGEST = /^#sha256=([0-9a-f]{64})$/i;
/** A file name, with room for what an export adds to it. */
const MAX_TITLE_BYTES = 200;
/** Stands for a query that was left out. */
const LEFT_OUT = "?…";

/** Reads `https://…` or `http://…`, with an optional `#sha256=<hex>`. Throws `usage`. */
export function parseUrl(text: string, { plainHttp = false }: ReferenceOptions): UrlReference {
  if (/\s/.test(text) || !URL.canParse(text)) {
    // Where it is cut into its parts is not known, so that no part of it can be shown.
    throw invalidRef(`not a URL: ${text.slice(0, text.indexOf(":"))}://…`);
  }
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    throw invalidRef(
      `a URL with a user or password in it: ${url.protocol}//…@${url.host}`,
      "they would end up in shell histories and logs: leave them out",
    );
  }
  if (text.split("#", 1)[0]?.endsWith(LEFT_OUT)) throw queryMissing(url);
  const hex = DIGEST.exec(url.hash)?.[1]?.toLowerCase();
  if (hex === undefined && /#./s.test(text))
    throw invalidRef(`what follows # is not a digest: ${shown(text)}`, "#sha256= and 64 hexadecimal digits");
  if (url.protocol === "http:" && !isLoopback(url.hostname) && hex === undefined && !plainHttp)
    throw unprotected(url);
  url.hash = "";
  // A bare ? is no query, but would stay.
  if (url.search === "") url.search = "";
  const last = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  if (last === "") throw invalidRef(`the URL names no file: ${shown(text)}`);
  const title = titleFrom(last);
  const stem = SHARD.exec(title)?.[1] ?? title.replace(WEIGHTS, "");
  return {
    kind: "url",
    url,
    digest: hex === undefined ? null : digestOf(hex),
    title,
    formatted: `${withoutQuery(url)}${url.search === "" ? "" : LEFT_OUT}${hex === undefined ? "" : `#sha256=${hex}`}`,
    secret: url.search !== "",
    defaultTag: { ...LOCAL, name: nameFrom(stem), tag: "latest" },
  };
}

/** A URL as a name. Queries often hold secrets, such as a signature. */
export function withoutQuery(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function titleFrom(encoded: string): string {
  let decoded = encoded;
  try {
    decoded = decodeURIComponent(encoded);
  } catch {
    // A stray % stays as it is.
  }
  const safe = decoded.replace(/[^\p{L}\p{N}._+ -]+/gu, "-").replace(/^[.\s]+/, "");
  return shortened(safe === "" ? "model" : safe);
}

/** Keeps the end, which says what kind of file it is. By code point, so that no half of a character is left. */
function shortened(name: string): string {
  const encoder = new TextEncoder();
  const kept: string[] = [];
  let bytes = 0;
  for (const point of Array.from(name).reverse()) {
    bytes += encoder.encode(point).length;
    if (bytes > MAX_TITLE_BYTES) break;
    kept.unshift(point);
  }
  return kept.join("");
}

function unprotected(url: URL): AprError {
  const why = "anybody on the way can read and change plain HTTP";
  return invalidRef(
    `${why}: http://${url.host}`,
    "use https://, add #sha256=<digest>, or allow it with --plain-http",
  );
}

/** Such a text comes from a journal: the whole URL must be told again. */
function queryMissing(url: URL): AprError {
  const why = "the query of this URL was not kept, as it may hold a secret";
  return new AprError("usage", `${why}: ${withoutQuery(url)}`, {
    hint: "give the whole URL again",
    fields: { code: "secret-ref" },
  });
}
