import type { Authorizer, HttpClient } from "../http/types.ts";
import { registryAuthorizer } from "./authorizer.ts";
import type { RegistryDeps } from "./deps.ts";
import { apiHost, registryOrigin, repositoryFor } from "./host.ts";

/** One repository of a registry that speaks the OCI distribution protocol. */
export interface RegistryApi {
  /** `host/repository`, for messages. */
  readonly name: string;
  readonly repository: string;
  /** `manifests/TAG` → `https://host/v2/<repository>/manifests/TAG`. A leading `/` starts at the host: `/v2/`. */
  url(path: string): URL;
  readonly client: HttpClient;
  readonly auth: Authorizer;
}

export interface RegistryWhere {
  /** `host` or `host:port`, as a REF names it. */
  readonly host: string;
  readonly repository: string;
  /** Speaks plain HTTP also to a host that is not this machine. */
  readonly plainHttp: boolean;
  /** Where it answers, when that does not follow from its name: only scheme, host and port count. */
  readonly baseUrl?: URL;
  readonly scope: "pull" | "pull,push";
  /** Repositories of the same registry that blobs may be mounted from: the token is asked for them too. */
  readonly mountFrom?: readonly string[];
}

/** Opens nothing yet: the first request does. Throws AprError `usage` for a host or repository that cannot be one. */
export function openRegistry(deps: RegistryDeps, where: RegistryWhere): RegistryApi {
  const origin = new URL(where.baseUrl?.origin ?? registryOrigin(where.host, where.plainHttp));
  const repository = repositoryFor(where.host, where.repository);
  const mounts = (where.mountFrom ?? []).map((from) => `repository:${repositoryFor(where.host, from)}:pull`);
  return {
    name: `${where.host}/${where.repository}`,
    repository,
    url: (path) => new URL(path.startsWith("/") ? path : `/v2/${repository}/${path}`, origin),
    client: deps.client,
    auth: registryAuthorizer(deps, {
      origin,
      host: apiHost(where.host),
      scopes: [`repository:${repository}:${where.scope}`, ...mounts],
    }),
  };
}
