import { AprError } from "../../base/errors.ts";
import { MAX_MODEL_FILES } from "../../store/limits.ts";
import { MEDIA } from "../../store/manifest.ts";
import type { World } from "../../world/world.ts";
import { bearerHeader, fixedAuthorizer } from "../http/authorizers.ts";
import { httpBlob } from "../http/blob.ts";
import type { HttpClient } from "../http/types.ts";
import type { Remote, RemoteFile, Wanted } from "../remote.ts";
import {
  fileFacts,
  fileUrl,
  type HubApi,
  hubEndpoint,
  type HubFile,
  pinnedCommit,
  requireAccess,
} from "./hub-api.ts";
import { SHARD } from "./reference-hub.ts";
import type { HubReference } from "./reference-kinds.ts";
import { shared } from "./shared.ts";

export interface HubDeps {
  readonly world: Pick<World, "clock" | "timers" | "random">;
  /** Another hub's URL; null for Hugging Face itself. */
  readonly endpoint: string | null;
  /** The person's token; null for none. */
  readonly token: () => Promise<string | null>;
  readonly client: HttpClient;
  /** Allows an endpoint with plain HTTP that is not this machine. */
  readonly plainHttp: boolean;
}

/** The files of one model at one commit. */
interface Pinned {
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** A model on Hugging Face, or on a hub that speaks as it does. */
export async function hubRemote(deps: HubDeps, reference: HubReference): Promise<Remote> {
  const endpoint = hubEndpoint(deps.endpoint ?? undefined, deps.plainHttp);
  const token = await deps.token();
  // For this origin alone: where the hub redirects to, the token does not go.
  const auth = token === null ? null : fixedAuthorizer(endpoint, bearerHeader(token));
  const api: HubApi = { world: deps.world, client: deps.client, endpoint, auth, reference };
  const { organisation, repository, revision } = reference;
  const name = `${endpoint.host}/${organisation}/${repository}${revision === "main" ? "" : `@${revision}`}`;
  const look = shared((signal) => pin(api, signal));
  return {
    name,
    tag: reference.defaultTag,
    async resolve(signal) {
      const { commit, files } = await look(signal);
      await requireAccess(api, fileUrl(api, commit, reference.path), signal);
      return { kind: "files", files: files.map((file) => asRemoteFile(api, commit, file)) };
    },
    async blob(wanted, signal) {
      const { commit, files } = await look(signal);
      const file = files.find((each) => fits(each, wanted));
      if (file === undefined) return null;
      const url = fileUrl(api, commit, file.path);
      const { client, world } = deps;
      return httpBlob({ client, auth, clock: world.clock, url: () => url, name, sizeBytes: file.sizeBytes });
    },
  };
}

async function pin(api: HubApi, signal: AbortSignal): Promise<Pinned> {
  const commit = await pinnedCommit(api, signal);
  const { wanted, optional } = filesToAsk(api.reference.path);
  const files = await fileFacts(api, commit, [...wanted, ...optional], signal);
  const there = new Set(files.map(({ path }) => path));
  const missing = wanted.find((path) => !there.has(path));
  if (missing === undefined) return { commit, files };
  const { organisation, repository, revision } = api.reference;
  throw new AprError(
    "not-found",
    `no file ${JSON.stringify(missing)} in ${organisation}/${repository} at ${revision}`,
    {
      hint: `see what there is at ${api.endpoint.origin}/${organisation}/${repository}`,
      fields: { code: "not-found", host: api.endpoint.host },
    },
  );
}

/** One shard stands for all of them. Shards of safetensors have an index beside them, most of the time. */
function filesToAsk(path: string): {
  readonly wanted: readonly string[];
  readonly optional: readonly string[];
} {
  const [, stem = "", , count = "", extension = ""] = SHARD.exec(path) ?? [];
  const shards = Number(count);
  if (count === "" || shards < 1) return { wanted: [path], optional: [] };
  if (shards > MAX_MODEL_FILES) {
    throw new AprError("usage", `a model of ${shards} shards: ${JSON.stringify(path)}`, {
      fields: { code: "invalid-ref" },
    });
  }
  const wanted = Array.from(
    { length: shards },
    (_, index) => `${stem}-${String(index + 1).padStart(5, "0")}-of-${count}.${extension}`,
  );
  const optional = /^safetensors$/i.test(extension) ? [`${stem}.safetensors.index.json`] : [];
  return { wanted, optional };
}

function asRemoteFile(api: HubApi, commit: string, { path, sizeBytes, digest }: HubFile): RemoteFile {
  const mediaType = path.endsWith(".json") ? MEDIA.json : MEDIA.model;
  return { title: path, mediaType, sizeBytes, digest, identity: fileUrl(api, commit, path).href };
}

function fits({ path, sizeBytes, digest }: HubFile, wanted: Wanted): boolean {
  if (wanted.sizeBytes !== null && wanted.sizeBytes !== sizeBytes) return false;
  if (wanted.digest !== null && digest !== null) return wanted.digest === digest;
  return wanted.title === path;
}
