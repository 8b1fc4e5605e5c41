import type { NetHead } from "../../world/net.ts";
import { basicHeader, bearerHeader } from "../http/authorizers.ts";
import { parseChallenges } from "../http/challenge.ts";
import { Shared } from "../http/shared.ts";
import type { Authorizer } from "../http/types.ts";
import type { RegistryDeps } from "./deps.ts";
import type { Credentials } from "./credentials.ts";
import { fetchToken, type TokenService, tokenService } from "./token.ts";

export interface AuthorizerScope {
  /** Scheme, host and port: nothing is ever sent to another. */
  readonly origin: URL;
  /** What credentials are looked up by. */
  readonly host: string;
  /** `repository:<name>:pull`, … */
  readonly scopes: readonly string[];
}

/** A token is renewed this long before it ends, or at a tenth of its life: a request is on its way for a while. */
const RENEW_BEFORE_MS = 5000;

/**
 * Credentials for one registry, found when it first asks for them: basic, or tokens for the scopes.
 * A token that ends in the middle of a transfer is renewed once for everybody.
 */
export function registryAuthorizer(deps: RegistryDeps, scope: AuthorizerScope): Authorizer {
  return new RegistryAuthorizer(deps, scope);
}

/** How requests are signed from now on. */
type Proof =
  | { readonly kind: "none" }
  | { readonly kind: "fixed"; readonly header: string }
  | {
      readonly kind: "token";
      readonly header: string;
      readonly service: TokenService;
      readonly renewMs: number;
    };

class RegistryAuthorizer implements Authorizer {
  private readonly deps: RegistryDeps;
  private readonly scope: AuthorizerScope;
  private readonly renewal = new Shared<Proof | null>();
  private proof: Proof = { kind: "none" };

  constructor(deps: RegistryDeps, scope: AuthorizerScope) {
    this.deps = deps;
    this.scope = scope;
  }

  async header(url: URL, signal?: AbortSignal): Promise<string | null> {
    if (!this.isOurs(url)) return null;
    const { proof } = this;
    if (proof.kind === "token" && this.deps.world.clock.monotonicMs() >= proof.renewMs) {
      await this.renew((stop) => this.token(proof.service, stop), signal);
    }
    return this.proof.kind === "none" ? null : this.proof.header;
  }

  async challenged(head: NetHead, url: URL, signal: AbortSignal, sent?: string | null): Promise<boolean> {
    if (!this.isOurs(url)) return false;
    // Another request has renewed it while this one was on its way.
    if (sent !== undefined && this.proof.kind !== "none" && this.proof.header !== sent) return true;
    if (this.proof.kind === "fixed") return false;
    const challenges = parseChallenges(head.headers["www-authenticate"]) ?? [];
    return await this.renew((stop) => this.answer(challenges, stop), signal);
  }

  private isOurs(url: URL): boolean {
    return url.origin === this.scope.origin.origin;
  }

  private async renew(
    work: (stop: AbortSignal) => Promise<Proof | null>,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const proof = await this.renewal.run(work, signal);
    if (proof === null) return false;
    this.proof = proof;
    return true;
  }

  /** Tokens where they are offered; else a password, where there is one. */
  private async answer(
    challenges: NonNullable<ReturnType<typeof parseChallenges>>,
    signal: AbortSignal,
  ): Promise<Proof | null> {
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    const basic = challenges.find(({ scheme }) => scheme === "basic");
    const service = bearer === undefined ? null : tokenService(bearer.params, this.scope.origin);
    const credentials = await this.deps.credentials(this.scope.host, signal);
    if (bearer !== undefined && credentials.kind === "bearer") {
      return { kind: "fixed", header: bearerHeader(credentials.token) };
    }
    if (service !== null) return await this.token(service, signal, credentials);
    if (basic === undefined || credentials.kind !== "basic") return null;
    return { kind: "fixed", header: basicHeader(credentials.username, credentials.password) };
  }

  private async token(service: TokenService, signal: AbortSignal, found?: Credentials): Promise<Proof> {
    const { deps, scope } = this;
    // Asked again for each token: a helper's credentials may be short-lived themselves.
    const credentials = found ?? (await deps.credentials(scope.host, signal));
    const { token, lifetimeMs } = await fetchToken(deps, service, scope.scopes, credentials, signal);
    const earlyMs = Math.min(RENEW_BEFORE_MS, lifetimeMs / 10);
    const renewMs = deps.world.clock.monotonicMs() + lifetimeMs - earlyMs;
    return { kind: "token", header: bearerHeader(token), service, renewMs };
  }
}
