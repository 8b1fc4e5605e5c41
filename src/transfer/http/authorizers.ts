import type { Authorizer } from "./types.ts";

/** Never sends credentials. */
export const anonymous: Authorizer = {
  header: () => Promise.resolve(null),
  challenged: () => Promise.resolve(false),
};

/** One `authorization` header for one origin (scheme, host and port), and nothing for any other. */
export function fixedAuthorizer(origin: URL, header: string): Authorizer {
  return {
    header: (url) => Promise.resolve(url.origin === origin.origin ? header : null),
    challenged: () => Promise.resolve(false),
  };
}

/** Nothing longer fits into a header that servers take. */
const MAX_TOKEN_CHARS = 16_384;
/** RFC 6750's characters: anything else could end the header. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** True for what may stand behind `Bearer`. */
export function isToken(text: string): boolean {
  return text.length <= MAX_TOKEN_CHARS && TOKEN.test(text);
}

export function bearerHeader(token: string): string {
  return `Bearer ${token}`;
}

/** RFC 7617, in UTF-8. */
export function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}
