import { AprError } from "../../base/errors.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject, parseJson } from "../../base/json.ts";
import { type Digest, digestOf } from "../../store/digest.ts";
import { utf8 } from "../../store/manifest.ts";
import type { NetAnswer } from "../../world/net.ts";
import type { World } from "../../world/world.ts";
import { isAprError } from "../http/errors.ts";
import { isRemoteError } from "../http/failure.ts";
import { isLoopback } from "../http/loopback.ts";
import { retrying } from "../http/retrying.ts";
import type { Authorizer, HttpClient } from "../http/types.ts";
import type { HubReference } from "./reference-kinds.ts";
import { statusError } from "./remote-errors.ts";

/** One repository of a hub. */
export interface HubApi {
  readonly world: Pick<World, "clock" | "timers" | "random">;
  readonly client: HttpClient;
  /** Without a slash at its end. */
  readonly endpoint: URL;
  /** Null goes without a token. */
  readonly auth: Authorizer | null;
  readonly reference: HubReference;
}

/** One file of a repository, as the hub tells it. */
export interface HubFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Only files in LFS have a SHA-256. */
  readonly digest: Digest | null;
}

/** What a model's page says of it: its list of files is in it too. */
const MAX_INFO_BYTES: number = 16 * 1024 * 1024;
/** One file is told in about 500 bytes. */
const PATHS_A_REQUEST = 1000;
const MAX_PATHS_BYTES: number = 4 * 1024 * 1024;
/** Of an answer that should be one byte. */
const MAX_PROBE_BYTES = 65_536;
const COMMIT = /^[0-9a-f]{40}$/;

/** Reads `HF_ENDPOINT`. Throws `usage`. */
export function hubEndpoint(told: string | undefined, plainHttp: boolean): URL {
  const text = told === undefined || told === "" ? "https://huggingface.co" : told;
  const url = URL.canParse(text) ? new URL(text) : null;
  const secure = url?.protocol === "https:";
  const plain = url?.protocol === "http:" && (isLoopback(url.hostname) || plainHttp);
  if (url === null || !(secure || plain) || url.username !== "" || url.password !== "" || url.search !== "") {
    throw new AprError("usage", "HF_ENDPOINT is no https:// URL without user and query", {
      hint: "such as https://huggingface.co; http:// to this machine alone, or with --plain-http",
      fields: { code: "invalid-endpoint" },
    });
  }
  url.hash = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
}

/** The commit that the revision is at now. */
export async function pinnedCommit(api: HubApi, signal: AbortSignal): Promise<string> {
  const { organisation, repository, revision } = api.reference;
  const url = hubUrl(
    api,
    `api/models/${organisation}/${repository}/revision/${encodeURIComponent(revision)}`,
  );
  const info = await askJson(api, signal, () =>
    api.client.request(
      { method: "GET", url, headers: JSON_ONLY, signal, maxBodyBytes: MAX_INFO_BYTES },
      api.auth,
    ),
  );
  const sha = isJsonObject(info) ? info["sha"] : undefined;
  if (typeof sha === "string" && COMMIT.test(sha)) return sha;
  throw malformed(api, "names no commit");
}

/** What the hub tells of these files, in their order. Paths that it has not got are left out. */
export async function fileFacts(
  api: HubApi,
  commit: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly HubFile[]> {
  const { organisation, repository } = api.reference;
  const url = hubUrl(api, `api/models/${organisation}/${repository}/paths-info/${commit}`);
  const found = new Map<string, HubFile>();
  for (let from = 0; from < paths.length; from += PATHS_A_REQUEST) {
    const some = paths.slice(from, from + PATHS_A_REQUEST);
    const bytes = new TextEncoder().encode(JSON.stringify({ paths: some, expand: false }));
    const headers = { ...JSON_ONLY, "content-type": "application/json" };
    const body = { kind: "bytes", bytes } as const;
    const list = await askJson(api, signal, () =>
      api.client.request(
        { method: "POST", url, headers, body, signal, maxBodyBytes: MAX_PATHS_BYTES },
        api.auth,
      ),
    );
    if (!isJsonArray(list) || list.length > some.length)
      throw malformed(api, "answered with no list of files");
    for (const item of list) {
      const file = readFile(api, item);
      if (file !== null) found.set(file.path, file);
    }
  }
  return paths.flatMap((path) => found.get(path) ?? []);
}

/** Where a file of a commit is fetched from. */
export function fileUrl(api: HubApi, commit: string, path: string): URL {
  const { organisation, repository } = api.reference;
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return hubUrl(api, `${organisation}/${repository}/resolve/${commit}/${encoded}`);
}

/**
 * Anybody may read what a gated repository holds, and only those who accepted its terms may fetch it: one byte is
 * asked for, so that this is said before anything else. Any other trouble is left to the transfer itself.
 */
export async function requireAccess(api: HubApi, url: URL, signal: AbortSignal): Promise<void> {
  let elsewhere = false;
  const headers = { range: "bytes=0-0", "accept-encoding": "identity" };
  const landed = (end: URL): void => {
    elsewhere = end.origin !== api.endpoint.origin;
  };
  try {
    const answer = await api.client.request(
      { method: "GET", url, headers, signal, maxBodyBytes: MAX_PROBE_BYTES, landed },
      api.auth,
    );
    if (!elsewhere && (answer.status === 401 || answer.status === 403)) throw hubError(api, answer);
  } catch (error) {
    signal.throwIfAborted();
    if (!isRemoteError(error) || isRefusal(error)) throw error;
  }
}

const JSON_ONLY = { accept: "application/json", "accept-encoding": "identity" } as const;

async function askJson(api: HubApi, signal: AbortSignal, ask: () => Promise<NetAnswer>): Promise<Json> {
  const answer = await retrying(api.world, { signal }, ask);
  if (answer.status !== 200) throw hubError(api, answer);
  try {
    return parseJson(utf8(answer.body));
  } catch (error) {
    throw malformed(api, "answered with damaged JSON", error);
  }
}

function readFile(api: HubApi, item: Json): HubFile | null {
  if (!isJsonObject(item)) throw malformed(api, "told a file that is none");
  const { type, path, size, lfs } = item;
  if (type !== "file" || typeof path !== "string") return null;
  const inLfs = isJsonObject(lfs) ? lfs : null;
  const sizeBytes = inLfs?.["size"] ?? size;
  if (typeof sizeBytes !== "number" || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    throw malformed(api, "told a file without a size");
  return { path, sizeBytes, digest: inLfs === null ? null : lfsDigest(api, inLfs) };
}

function lfsDigest(api: HubApi, { oid }: JsonObject): Digest {
  if (typeof oid === "string" && /^(sha256:)?[0-9a-f]{64}$/.test(oid))
    return digestOf(oid.replace("sha256:", ""));
  throw malformed(api, "told a file in LFS without its SHA-256");
}

/** The hub's own words for what is missing, from its header; any other text of it is not shown. */
function hubError({ endpoint, auth, reference }: HubApi, { status, headers }: NetAnswer): AprError {
  const { organisation, repository, formatted } = reference;
  const page = `${endpoint.origin}/${organisation}/${repository}`;
  const code = headers["x-error-code"] ?? "";
  if (status === 404) {
    const hint =
      code === "RevisionNotFound"
        ? `no such branch, tag or commit: see ${page}`
        : `see what there is at ${page}`;
    return statusError(status, endpoint, formatted, hint);
  }
  if (status !== 401 && status !== 403) return statusError(status, endpoint, formatted);
  const token = auth === null ? "set HF_TOKEN to a token that may read it" : "the token may not read it";
  const gate =
    code === "GatedRepo"
      ? `accept the terms at ${page}, and `
      : "check the name; for a private or gated model ";
  const hint =
    auth === null || code !== "GatedRepo"
      ? `${gate}${token}`
      : `accept the terms at ${page} with the token's account`;
  return statusError(status, endpoint, formatted, hint);
}

function isRefusal(error: unknown): boolean {
  return isAprError(error) && error.fields["code"] === "auth";
}

function hubUrl({ endpoint }: HubApi, path: string): URL {
  return new URL(`${endpoint.pathname.replace(/\/$/, "")}/${path}`, endpoint);
}

function malformed({ endpoint, reference }: HubApi, why: string, cause?: unknown): AprError {
  return new AprError("malformed", `${endpoint.host} ${why}: ${reference.formatted}`, {
    hint: "check HF_ENDPOINT: it must be a hub",
    fields: { code: "bad-answer", host: endpoint.host },
    cause,
  });
}
