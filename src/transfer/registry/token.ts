import type { AprError } from "../../base/errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../base/json.ts";
import type { NetAnswer } from "../../world/net.ts";
import { utf8 } from "../../store/manifest.ts";
import { anonymous, basicHeader, fixedAuthorizer, isToken } from "../http/authorizers.ts";
import { httpError } from "../http/errors.ts";
import { isLoopback } from "../http/loopback.ts";
import { retrying } from "../http/retrying.ts";
import type { RegistryDeps } from "./deps.ts";
import type { Credentials } from "./credentials.ts";

// Docker's token authentication: the registry names a realm, the realm gives a token for a scope, for a while.

/** A token's answer is a few KiB, with a certificate chain in it. */
const MAX_ANSWER_BYTES = 65_536;
/** What the protocol says where no lifetime is told. */
const DEFAULT_LIFETIME_S = 60;
const MAX_LIFETIME_S = 86_400;

/** Where tokens come from, as a challenge told it. */
export interface TokenService {
  readonly realm: URL;
  readonly service: string | null;
}

export interface Token {
  readonly token: string;
  readonly lifetimeMs: number;
}

/**
 * Reads a bearer challenge. Null when its realm is not to be trusted with credentials: it must be https; plain http is
 * taken only from a registry that is itself asked in plain http, and on its own host or this machine.
 */
export function tokenService(params: ReadonlyMap<string, string>, registry: URL): TokenService | null {
  const text = params.get("realm") ?? "";
  if (!URL.canParse(text)) return null;
  const realm = new URL(text);
  if (realm.username !== "" || realm.password !== "") return null;
  const plain =
    realm.protocol === "http:" &&
    registry.protocol === "http:" &&
    (realm.hostname === registry.hostname || isLoopback(realm.hostname));
  if (realm.protocol !== "https:" && !plain) return null;
  realm.hash = "";
  return { realm, service: params.get("service") ?? null };
}

/** Fetches a token for the scopes. Throws AprError `network` with code `auth`, `status` or `protocol`, or NetError. */
export async function fetchToken(
  { world, client }: RegistryDeps,
  service: TokenService,
  scopes: readonly string[],
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Token> {
  const answer = await retrying(world, { signal }, () =>
    credentials.kind === "identity"
      ? client.request({ ...refreshForm(service, scopes, credentials.token), signal }, anonymous)
      : client.request({ ...tokenQuery(service, scopes), signal }, realmAuth(service, credentials)),
  );
  return readToken(answer, service.realm, credentials.kind === "anonymous");
}

function realmAuth({ realm }: TokenService, credentials: Credentials): typeof anonymous {
  if (credentials.kind !== "basic") return anonymous;
  return fixedAuthorizer(realm, basicHeader(credentials.username, credentials.password));
}

function tokenQuery({ realm, service }: TokenService, scopes: readonly string[]) {
  const url = new URL(realm.href);
  if (service !== null) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  return {
    method: "GET",
    url,
    headers: { accept: "application/json" },
    maxBodyBytes: MAX_ANSWER_BYTES,
  } as const;
}

function refreshForm({ realm, service }: TokenService, scopes: readonly string[], refreshToken: string) {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: "apr",
    ...(service === null ? {} : { service }),
    scope: scopes.join(" "),
    refresh_token: refreshToken,
  });
  return {
    method: "POST",
    url: realm,
    headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: { kind: "bytes", bytes: new TextEncoder().encode(form.toString()) },
    maxBodyBytes: MAX_ANSWER_BYTES,
    // The body holds the secret: it goes to the realm and nowhere else.
    redirects: "refuse",
  } as const;
}

function readToken(answer: NetAnswer, realm: URL, asNobody: boolean): Token {
  if (answer.status !== 200) throw refused(answer, realm, asNobody);
  const body = readObject(answer.body);
  const token = body?.["token"] ?? body?.["access_token"];
  if (body === null || typeof token !== "string" || !isToken(token)) {
    throw httpError("protocol", realm, `${realm.host} gave no token that can be used`, {
      hint: "ask whoever runs the registry: its token service answers with something else",
    });
  }
  return { token, lifetimeMs: lifetimeMs(body) };
}

function readObject(bytes: Uint8Array): JsonObject | null {
  try {
    const value: Json = parseJson(utf8(bytes));
    return isJsonObject(value) ? value : null;
  } catch {
    // The text may hold a token: it is not shown.
    return null;
  }
}

/** `issued_at` is left alone: it is the other machine's clock. */
function lifetimeMs(body: JsonObject): number {
  const seconds = body["expires_in"];
  const told = typeof seconds === "number" && seconds > 0 ? seconds : DEFAULT_LIFETIME_S;
  return Math.min(told, MAX_LIFETIME_S) * 1000;
}

function refused({ status }: NetAnswer, realm: URL, asNobody: boolean): AprError {
  if (status === 400 || status === 401 || status === 403) {
    const what = asNobody ? "gives no token without a login" : "refused the login";
    return httpError("auth", realm, `${realm.host} ${what} (${status})`, {
      hint: "log in, for example with docker login or skopeo login: apr looks where they keep logins",
      fields: { status },
    });
  }
  return httpError("status", realm, `${realm.host} gave no token: answered ${status}`, {
    hint: "try again later",
    fields: { status },
  });
}
