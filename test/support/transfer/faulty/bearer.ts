import { refusal } from "./faults.ts";
import type { Answer, SeenRequest } from "./types.ts";

/** How long a token is good for: whichever comes first. */
export interface BearerRules {
  readonly requests?: number;
  readonly lifetimeMs?: number;
}

export interface Tokens {
  readonly rules: BearerRules;
  readonly uses: Map<string, { count: number; readonly sinceMs: number }>;
}

export function newTokens(rules: BearerRules): Tokens {
  return { rules, uses: new Map() };
}

/** Lets a request with a good token pass (null), gives tokens at `/token`, and challenges all others. */
export function admit({ rules, uses }: Tokens, seen: SeenRequest, url: URL): Answer | null {
  if (url.pathname === "/token") {
    const token = `token-${uses.size + 1}`;
    uses.set(token, { count: 0, sinceMs: performance.now() });
    const body = Buffer.from(JSON.stringify({ token, expires_in: 300 }));
    return { ...refusal(200), body, headers: { "content-length": String(body.length) } };
  }
  const use = uses.get(seen.headers.authorization?.replace("Bearer ", "") ?? "");
  if (use !== undefined && isGood(rules, use)) {
    use.count++;
    return null;
  }
  const realm = `realm="${url.origin}/token",service="faulty",scope="repository:any:pull"`;
  return refusal(401, { "www-authenticate": `Bearer ${realm}` });
}

function isGood(
  rules: BearerRules,
  { count, sinceMs }: { readonly count: number; readonly sinceMs: number },
): boolean {
  if (rules.requests !== undefined && count >= rules.requests) return false;
  return rules.lifetimeMs === undefined || performance.now() - sinceMs < rules.lifetimeMs;
}
