/** What a registry's host may be asked with. */
export type Credentials =
  | { readonly kind: "anonymous" }
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token: exchanged for access tokens by POST. */
  | { readonly kind: "identity"; readonly token: string }
  /** A bearer token for the registry itself. */
  | { readonly kind: "bearer"; readonly token: string };

/** Finds the credentials for `host[:port]`. Throws AprError when they are there and cannot be read. */
export type FindCredentials = (host: string, signal: AbortSignal) => Promise<Credentials>;

export const ANONYMOUS: Credentials = { kind: "anonymous" };
