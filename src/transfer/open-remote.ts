import { resolve } from "node:path";
import type { HttpClient } from "./http/types.ts";
import type { Logins } from "./logins.ts";
import { hubRemote } from "./places/hugging-face.ts";
import { urlRemote } from "./places/https.ts";
import { localRemote } from "./places/local.ts";
import { parseReference, type Reference, type ReferenceOptions } from "./reference.ts";
import type { RegistryDeps } from "./registry/deps.ts";
import { ollamaRemote, registryRemote } from "./registry/remote.ts";
import type { Remote } from "./remote.ts";
import type { TransferWorld } from "./world.ts";

export interface RemoteDeps {
  readonly world: TransferWorld;
  readonly client: HttpClient;
  readonly logins: Logins;
  /** Another hub than Hugging Face's own; null for that. */
  readonly hubEndpoint: string | null;
  /** Absolute: where relative paths begin. */
  readonly workingFolder: string;
}

export interface RemoteOptions extends ReferenceOptions {
  /** Another registry than Ollama's own for short names. */
  readonly ollamaUrl?: URL;
}

/**
 * Opens what a REF names. The network is not asked yet; a local path must be there.
 * Throws AprError: `usage` for what is no REF, `not-found` for a path that is not there.
 */
export async function openRemote(
  deps: RemoteDeps,
  text: string,
  options: RemoteOptions = {},
): Promise<Remote> {
  return openReference(deps, parseReference(text, options), options);
}

/** The same for a REF that was read already. */
export async function openReference(
  deps: RemoteDeps,
  reference: Reference,
  options: RemoteOptions = {},
): Promise<Remote> {
  const { world, client } = deps;
  const plainHttp = options.plainHttp === true;
  switch (reference.kind) {
    case "hugging-face": {
      const { hubEndpoint: endpoint, logins } = deps;
      return await hubRemote({ world, endpoint, token: logins.hub, client, plainHttp }, reference);
    }
    case "url":
      return urlRemote({ world, client }, reference);
    case "path":
    case "oci-layout":
    case "store":
      return await localRemote(deps, reference);
    case "ollama": {
      const { namespace, name, tag } = reference;
      const baseUrl = options.ollamaUrl === undefined ? {} : { baseUrl: options.ollamaUrl };
      return ollamaRemote(registryDeps(deps), { namespace, name, tag, ...baseUrl });
    }
    case "registry": {
      const { host, repository, target } = reference;
      const told = target.kind === "tag" ? target.tag : target.digest;
      return registryRemote(registryDeps(deps), { host, repository, reference: told, plainHttp });
    }
  }
}

/**
 * What a journal keeps to open the REF again, from any folder. Of a URL with a query, which may be a secret, it cannot
 * be opened: `parseReference` then says so (`secret-ref`).
 */
export function referenceText(reference: Reference, workingFolder: string): string {
  const { formatted } = reference;
  switch (reference.kind) {
    case "path":
      return resolve(workingFolder, reference.path);
    case "oci-layout":
    case "store": {
      const [scheme = ""] = formatted.split(":", 1);
      const rest = formatted.slice(scheme.length + 1 + reference.path.length);
      return `${scheme}:${resolve(workingFolder, reference.path)}${rest}`;
    }
    default:
      return formatted;
  }
}

function registryDeps({ world, client, logins }: RemoteDeps): RegistryDeps {
  return { world, client, credentials: logins.registry };
}
