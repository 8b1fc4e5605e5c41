import { AprError } from "../../base/errors.ts";
import { isJsonArray, isJsonObject, type Json, parseJson } from "../../base/json.ts";
import { type Digest, digestOf, isDigest } from "../../store/digest.ts";
import { MAX_MANIFEST_BYTES } from "../../store/limits.ts";
import { type Descriptor, type Manifest, MEDIA, parseManifest, utf8 } from "../../store/manifest.ts";
import type { NetAnswer } from "../../world/net.ts";
import { retrying } from "../http/retrying.ts";
import type { RegistryApi } from "./api.ts";
import type { RegistryDeps } from "./deps.ts";
import { refusal } from "./refusal.ts";

const INDEX_MEDIA = {
  ociIndex: "application/vnd.oci.image.index.v1+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
} as const;

/** What is understood, the best first. */
const ACCEPT: string = [
  MEDIA.ociManifest,
  MEDIA.dockerManifest,
  INDEX_MEDIA.ociIndex,
  INDEX_MEDIA.dockerList,
  MEDIA.ollamaList,
].join(", ");

/** A manifest that came, and is what it was told to be. */
export interface Fetched {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly manifest: Manifest;
  readonly headers: NetAnswer["headers"];
}

/** Fetches one manifest and checks its digest. Throws AprError: `not-found`, `network`, `malformed`. */
export async function fetchManifest(
  deps: RegistryDeps,
  api: RegistryApi,
  reference: string,
  signal: AbortSignal,
): Promise<Fetched> {
  const url = api.url(`manifests/${reference}`);
  const answer = await retrying(deps.world, { signal }, () =>
    api.client.request(
      { method: "GET", url, headers: { accept: ACCEPT }, maxBodyBytes: MAX_MANIFEST_BYTES, signal },
      api.auth,
    ),
  );
  const what = `${api.name}${isDigest(reference) ? "@" : ":"}${reference}`;
  if (answer.status !== 200) throw refusal(answer, url, what);
  const hasher = deps.world.hash.sha256();
  hasher.update(answer.body);
  const digest = digestOf(hasher.hex());
  const told = isDigest(reference) ? reference : answer.headers["docker-content-digest"];
  if (isDigest(told) && told !== digest) throw mismatch(what, told, digest);
  const parsed = parseManifest(answer.body);
  if (parsed.kind === "unreadable") {
    throw new AprError("malformed", `${what} is no manifest that can be read: ${parsed.why}`, {
      hint: "check the name: it may be of something else than a model",
      fields: { code: "bad-manifest" },
    });
  }
  return { bytes: answer.body, digest, manifest: parsed.manifest, headers: answer.headers };
}

/** The entry of an index that is pulled: the only one, or that for linux/amd64. */
export function chooseEntry(index: Uint8Array, manifests: readonly Descriptor[], what: string): Descriptor {
  const platforms = readPlatforms(index);
  // Build tools add attestations, for a platform called unknown.
  const real = manifests.filter((_, at) => platforms[at] !== "unknown/unknown");
  const [first] = real;
  if (first !== undefined && real.length === 1) return first;
  const wanted = manifests[platforms.indexOf("linux/amd64")];
  if (wanted !== undefined) return wanted;
  throw new AprError("malformed", `${what} names ${real.length} manifests, and none for linux/amd64`, {
    hint: "name one of them by its digest: NAME@sha256:…",
    fields: { code: "no-platform", manifests: real.length },
  });
}

/** `os/architecture` of each entry; `parseManifest` has looked at the rest. */
function readPlatforms(bytes: Uint8Array): readonly string[] {
  const root = parseJson(utf8(bytes));
  const list = isJsonObject(root) ? root["manifests"] : undefined;
  return isJsonArray(list) ? list.map(platformOf) : [];
}

function platformOf(entry: Json): string {
  const platform = isJsonObject(entry) ? entry["platform"] : undefined;
  if (!isJsonObject(platform)) return "";
  const { os, architecture } = platform;
  return typeof os === "string" && typeof architecture === "string" ? `${os}/${architecture}` : "";
}

function mismatch(what: string, told: Digest, came: Digest): AprError {
  return new AprError(
    "malformed",
    `the manifest of ${what} is not the one that was told: ${told}, and ${came} came`,
    {
      hint: "try again, or another source: this registry, or something on the way to it, changes what it sends",
      fields: { code: "manifest-mismatch", expected: told, actual: came },
    },
  );
}
