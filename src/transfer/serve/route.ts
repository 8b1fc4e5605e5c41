import { type Digest, isDigest } from "../../store/digest.ts";
import { isSafeRef, LOCAL } from "../../store/ref.ts";
import type { OciCode } from "./answers.ts";

/** A repository's name as it stands in a path: one to three parts, each safe as a name in a folder. */
export type ServedName = readonly string[];

/** What a request is about. The path has been checked: no later step looks at it again. */
export type Route =
  | { readonly kind: "base" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags"; readonly name: ServedName }
  | { readonly kind: "manifest"; readonly name: ServedName; readonly reference: Reference }
  | { readonly kind: "blob"; readonly name: ServedName; readonly digest: Digest }
  | { readonly kind: "parts"; readonly name: ServedName; readonly digest: Digest }
  | { readonly kind: "referrers"; readonly name: ServedName; readonly digest: Digest }
  | { readonly kind: "uploads"; readonly name: ServedName }
  | { readonly kind: "upload"; readonly name: ServedName; readonly id: string };

export type Reference =
  | { readonly kind: "tag"; readonly tag: string }
  | { readonly kind: "digest"; readonly digest: Digest };

export type Routed =
  | { readonly kind: "route"; readonly route: Route; readonly query: URLSearchParams }
  | { readonly kind: "bad"; readonly status: number; readonly code: OciCode; readonly message: string };

/** A path of names of 80 letters and a query of two digests is far shorter. */
const MAX_TARGET_LENGTH = 4096;
const MAX_NAME_PARTS = 3;
const UPLOAD_ID = /^[0-9a-f]{32}$/;

/** Reads a request's target. Nothing is decoded but `%3A`, which some clients write for a digest's colon. */
export function routeOf(target: string): Routed {
  if (target.length > MAX_TARGET_LENGTH) return bad(414, "NAME_INVALID", "the request's target is too long");
  const cut = target.indexOf("?");
  const path = (cut === -1 ? target : target.slice(0, cut)).replaceAll(/%3a/gi, ":");
  const [first, version, ...segments] = path.split("/");
  if (first !== "" || version !== "v2") return notFound();
  const outcome = routeSegments(segments);
  if ("status" in outcome) return outcome;
  const query = new URLSearchParams(cut === -1 ? "" : target.slice(cut + 1));
  return { kind: "route", route: outcome, query };
}

type Bad = Routed & { readonly kind: "bad" };

function routeSegments(segments: readonly string[]): Route | Bad {
  if (segments.length === 0 || (segments.length === 1 && segments[0] === "")) return { kind: "base" };
  if (segments.length === 1 && segments[0] === "_catalog") return { kind: "catalog" };
  const [third, second = "", last = ""] = [segments.at(-3), segments.at(-2), segments.at(-1)];
  if (second === "manifests") return named(segments, 2, (name) => manifestRoute(name, last));
  if (second === "tags" && last === "list") return named(segments, 2, (name) => ({ kind: "tags", name }));
  if (second === "referrers") return digested(segments, 2, "referrers", last);
  if (third === "blobs" && second === "uploads") {
    return named(segments, 3, (name) => (last === "" ? { kind: "uploads", name } : uploadRoute(name, last)));
  }
  if (third === "blobs" && last === "parts") return digested(segments, 3, "parts", second);
  if (second === "blobs" && last === "uploads")
    return named(segments, 2, (name) => ({ kind: "uploads", name }));
  if (second === "blobs") return digested(segments, 2, "blob", last);
  return notFound();
}

/** The segments before the last `taken` ones are the name. */
function named(
  segments: readonly string[],
  taken: number,
  use: (name: ServedName) => Route | Bad,
): Route | Bad {
  const name = segments.slice(0, -taken);
  const safe = name.length > 0 && name.length <= MAX_NAME_PARTS && name.every(isSafePart);
  return safe ? use(name) : bad(400, "NAME_INVALID", "not a name that this store can hold");
}

function digested(
  segments: readonly string[],
  taken: number,
  kind: "blob" | "parts" | "referrers",
  digest: string,
): Route | Bad {
  return named(segments, taken, (name) => (isDigest(digest) ? { kind, name, digest } : badDigest()));
}

function manifestRoute(name: ServedName, text: string): Route | Bad {
  if (isDigest(text)) return { kind: "manifest", name, reference: { kind: "digest", digest: text } };
  if (text.includes(":")) return badDigest();
  // A tag that the store's grammar does not know cannot be there.
  if (!isSafePart(text)) return bad(404, "MANIFEST_UNKNOWN", "not a tag that this store can hold");
  return { kind: "manifest", name, reference: { kind: "tag", tag: text } };
}

function uploadRoute(name: ServedName, id: string): Route | Bad {
  if (UPLOAD_ID.test(id)) return { kind: "upload", name, id };
  return bad(404, "BLOB_UPLOAD_UNKNOWN", "no such upload");
}

function isSafePart(part: string): boolean {
  return isSafeRef({ host: LOCAL.host, namespace: LOCAL.namespace, name: part, tag: "latest" });
}

function badDigest(): Bad {
  return bad(400, "DIGEST_INVALID", "a digest is sha256: and 64 lower-case hex digits");
}

function notFound(): Bad {
  return bad(404, "UNSUPPORTED", "nothing is here: this is an OCI distribution registry, under /v2/");
}

function bad(status: number, code: OciCode, message: string): Bad {
  return { kind: "bad", status, code, message };
}
