import type { Outgoing } from "../../world/net.ts";
import { answerJson, refuse } from "./answers.ts";
import { nameUnknown } from "./blobs.ts";
import { OCI_INDEX } from "./manifests.ts";
import { sortNames } from "./names.ts";
import type { ServedName } from "./route.ts";
import type { Serving } from "./serving.ts";

/** Names of one answer: under 1 MiB of them. */
const MAX_PAGE = 10_000;

/** Every name that the store has tags of. */
export async function answerCatalog(serving: Serving, query: URLSearchParams): Promise<Outgoing> {
  const all = await serving.names.all();
  return paged(all, query, "/v2/_catalog", (repositories) => ({ repositories }));
}

/** Tags of one name, without a look into their manifests. */
export async function answerTags(
  serving: Serving,
  name: ServedName,
  query: URLSearchParams,
): Promise<Outgoing> {
  const found = await serving.names.find(name);
  if (found.kind !== "found") return nameUnknown(found.kind);
  const all = sortNames(await serving.tags.tags(found.repository));
  const text = name.join("/");
  return paged(all, query, `/v2/${text}/tags/list`, (tags) => ({ name: text, tags }));
}

/** Nothing refers to anything: the store keeps no such manifests. */
export function answerReferrers(): Outgoing {
  return answerJson({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }, { "content-type": OCI_INDEX });
}

function paged(
  all: readonly string[],
  query: URLSearchParams,
  path: string,
  document: (page: readonly string[]) => Record<string, string | readonly string[]>,
): Outgoing {
  const wanted = query.get("n");
  if (wanted !== null && !/^[0-9]{1,9}$/.test(wanted)) return refuse(400, "UNSUPPORTED", "n is not a number");
  const size = Math.min(wanted === null ? MAX_PAGE : Number(wanted), MAX_PAGE);
  const start = startAfter(all, query.get("last"));
  const page = all.slice(start, start + size);
  const last = page.at(-1);
  const more = last !== undefined && start + size < all.length;
  const next = `<${path}?n=${size}&last=${encodeURIComponent(last ?? "")}>; rel="next"`;
  return answerJson(document(page), more ? { link: next } : {});
}

/** The name itself may be gone by now: then after where it would stand. */
function startAfter(all: readonly string[], last: string | null): number {
  if (last === null || last === "") return 0;
  const index = all.indexOf(last);
  if (index !== -1) return index + 1;
  return sortNames([...all, last]).indexOf(last);
}
