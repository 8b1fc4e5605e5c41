import type { Digest } from "../../store/digest.ts";
import { LOCAL } from "../../store/ref.ts";
import type { Store } from "../../store/store.ts";
import { eachTag } from "../../store/tags.ts";
import type { RegistryApi } from "../registry/api.ts";
import { apiHost, repositoryFor } from "../registry/host.ts";
import { hostOf } from "./refusal.ts";
import type { PushContext } from "./types.ts";

/** Each costs a request for each blob. */
const MAX_CANDIDATES = 4;

/** Repositories that may be mounted from, for each blob: those that were named, then those that the store knows. */
export async function mountCandidates(
  context: PushContext,
  store: Store,
  digests: readonly Digest[],
  named: readonly string[],
): Promise<(digest: Digest) => readonly string[]> {
  const { repository } = context.api;
  const known = new Map<Digest, Set<string>>(digests.map((digest) => [digest, new Set<string>()]));
  const host = hostOf(context.api);
  for await (const entry of eachTag(store)) {
    if (entry.kind !== "tag" || apiHost(entry.ref.host) !== host) continue;
    const { namespace, name } = entry.ref;
    // Names without a host lie under Ollama's; that a model is called so here is nobody else's business.
    if (host === LOCAL.host && namespace === LOCAL.namespace) continue;
    for (const digest of entry.named) known.get(digest)?.add(`${namespace}/${name}`);
  }
  return (digest) => {
    // Tags come in no order.
    const tags = [...(known.get(digest) ?? [])].sort().flatMap((each) => asRepository(host, each));
    const all = new Set([...named, ...tags]);
    all.delete(repository);
    return [...all].slice(0, MAX_CANDIDATES);
  };
}

/** The name as the registry knows it. Throws `usage` for what is none. */
export function checkMountFrom(api: RegistryApi, named: readonly string[]): readonly string[] {
  return named.map((each) => repositoryFor(hostOf(api), each));
}

/** A name of the store may be none for a registry, such as one with capitals. */
function asRepository(host: string, text: string): string[] {
  try {
    return [repositoryFor(host, text)];
  } catch {
    return [];
  }
}
