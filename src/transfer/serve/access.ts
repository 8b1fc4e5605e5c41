import type { Hash } from "../../world/hash.ts";
import type { NetHeaders } from "../../world/net.ts";

/** Longer than any token that is taken, with a user's name before it. */
const MAX_AUTHORIZATION_LENGTH = 4096;

/** The secret that a request shows: a bearer token, or the password of whatever user. Null when it shows none. */
function shownSecret(headers: NetHeaders): string | null {
  const header = headers["authorization"];
  if (header === undefined || header.length > MAX_AUTHORIZATION_LENGTH) return null;
  const match = /^(bearer|basic) +([!-~]+)$/i.exec(header.trim());
  if (match === null) return null;
  const [, scheme = "", value = ""] = match;
  if (scheme.toLowerCase() === "bearer") return value;
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? null : text.slice(colon + 1);
}

/** True when the request shows one of the tokens. How long it takes says nothing about how much of it was right. */
export function showsToken(hash: Hash, headers: NetHeaders, tokens: readonly string[]): boolean {
  const shown = shownSecret(headers);
  if (shown === null) return false;
  const digest = sha256(hash, shown);
  let found = false;
  for (const token of tokens) {
    if (isSame(digest, sha256(hash, token))) found = true;
  }
  return found;
}

function isSame(one: string, other: string): boolean {
  let differing = one.length ^ other.length;
  for (let index = 0; index < one.length; index++) {
    differing |= one.charCodeAt(index) ^ other.charCodeAt(index);
  }
  return differing === 0;
}

function sha256(hash: Hash, text: string): string {
  const hasher = hash.sha256();
  hasher.update(text);
  return hasher.hex();
}

const LOOPBACK = /^(127(\.[0-9]{1,3}){3}|::1|localhost)$/i;

/** True for an address that other machines cannot reach. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

const IPV4 = /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/;
const HOST_HEADER = /^(\[[0-9a-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?$/i;

/**
 * A page of any site can have its own name point at 127.0.0.1 and then read what answers there. Its requests say
 * that name, so on loopback only addresses, `localhost` and names that were configured are answered.
 */
export function isOwnHost(header: string | undefined, names: readonly string[]): boolean {
  const host = HOST_HEADER.exec(header ?? "")?.[1]?.toLowerCase();
  if (host === undefined) return false;
  return (
    host.startsWith("[") ||
    IPV4.test(host) ||
    host === "localhost" ||
    names.some((name) => name.toLowerCase() === host)
  );
}
