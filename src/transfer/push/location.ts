import { AprError } from "../../base/errors.ts";
import { isLoopback } from "../http/loopback.ts";

/** Where an upload goes on. It holds the session's state, so it is in no message and no trace. */
export interface UploadPlace {
  readonly url: URL;
  /** Another host than the registry's gets no credentials. */
  readonly credentials: boolean;
}

/** Session state that is longer than this is none. */
const MAX_LOCATION_CHARS = 8192;

/**
 * Reads a `Location`, which may be relative to the request. One on another origin is taken without credentials,
 * and only over https, or on loopback where the registry itself is. Throws AprError `network`.
 */
export function placeOf(location: string | undefined, requested: URL, registry: URL): UploadPlace {
  if (location === undefined || location === "") throw unsafe(registry, "told no place to upload to");
  if (location.length > MAX_LOCATION_CHARS) throw unsafe(registry, "told a place that is too long");
  const url = URL.canParse(location, requested.href) ? new URL(location, requested.href) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw unsafe(registry, "told a place that is no web address");
  }
  if (url.username !== "" || url.password !== "")
    throw unsafe(registry, "told a place with a password in it");
  url.hash = "";
  if (url.origin === registry.origin) return { url, credentials: true };
  const fine = url.protocol === "https:" || (isLoopback(url.hostname) && isLoopback(registry.hostname));
  if (!fine) throw unsafe(registry, `sends the upload to ${url.host} without encryption`);
  return { url, credentials: false };
}

/** Adds the digest and leaves the rest of the query as it is, byte for byte: it may be signed. */
export function withDigest({ url }: UploadPlace, digest: string): URL {
  const signed = new URL(url.href);
  const joint = signed.search === "" ? "?" : "&";
  signed.search = `${signed.search}${joint}digest=${encodeURIComponent(digest)}`;
  return signed;
}

function unsafe(registry: URL, why: string): AprError {
  return new AprError("network", `${registry.host} ${why}`, {
    hint: "the registry, or the proxy before it, is set up wrongly: its administrator can say more",
    fields: { code: "unsafe-location", host: registry.host },
  });
}
