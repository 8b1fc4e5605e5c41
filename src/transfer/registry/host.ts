import { AprError } from "../../base/errors.ts";
import { isLoopback } from "../http/loopback.ts";

/** Docker's hub is named by one host, and answers at another. */
const HUB_NAMES: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);
const HUB_API = "registry-1.docker.io";

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/;
/** OCI distribution, "Pulling manifests": lower-case parts between slashes. */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const MAX_REPOSITORY_CHARS = 255;

/** The host that answers for a registry's name. */
export function apiHost(host: string): string {
  return HUB_NAMES.has(host) ? HUB_API : host;
}

/** Names of a host that credentials may be kept under. */
export function isHub(host: string): boolean {
  return HUB_NAMES.has(host);
}

/** Where requests go: https, but plain http to this machine itself, or where `plainHttp` says so. */
export function registryOrigin(host: string, plainHttp: boolean): URL {
  const api = apiHost(host);
  if (!HOST.test(api) || !URL.canParse(`https://${api}/`))
    throw invalid(`invalid registry host: ${JSON.stringify(host)}`);
  const secure = new URL(`https://${api}/`);
  return plainHttp || isLoopback(secure.hostname) ? new URL(`http://${api}/`) : secure;
}

/** The repository as the registry knows it: the hub's own images lie in `library/`. */
export function repositoryFor(host: string, repository: string): string {
  if (repository.length > MAX_REPOSITORY_CHARS || !REPOSITORY.test(repository)) {
    throw invalid(`invalid repository: ${JSON.stringify(repository.slice(0, MAX_REPOSITORY_CHARS))}`);
  }
  return isHub(host) && !repository.includes("/") ? `library/${repository}` : repository;
}

function invalid(message: string): AprError {
  return new AprError("usage", message, {
    hint: "host[:port]/repository[:tag]; a repository is lower-case letters and digits, with . _ - between them, and /",
    fields: { code: "invalid-reference" },
  });
}
