import { AprError, systemCode } from "../../base/errors.ts";
import type { JsonObject } from "../../base/json.ts";
import type { World } from "../../world/world.ts";
import { askHelper, type HelperWorld } from "./credential-helper.ts";
import { ANONYMOUS, type FindCredentials } from "./credentials.ts";
import { configEntry, parseDockerConfig } from "./docker-config.ts";

/** A file with a hundred logins is under 100 KiB. */
const MAX_CONFIG_BYTES: number = 1024 * 1024;

export interface DockerWorld extends HelperWorld {
  readonly files: Pick<World["files"], "realPath" | "readSmall">;
  /** Of this person; below 0 where there is none. */
  readonly uid: number;
}

/** Where Docker, Podman and skopeo keep logins. The first file that knows a host counts. */
export function credentialFiles(env: DockerWorld["env"], uid: number): readonly string[] {
  const under = (folder: string | undefined, path: string): string[] =>
    folder === undefined || !folder.startsWith("/") ? [] : [`${folder}/${path}`];
  const { REGISTRY_AUTH_FILE: named, DOCKER_CONFIG: docker, HOME: home, XDG_RUNTIME_DIR: runtime } = env;
  return [
    ...(named === undefined || named === "" ? [] : [named]),
    ...(docker === undefined || docker === ""
      ? under(home, ".docker/config.json")
      : [`${docker}/config.json`]),
    ...under(runtime, "containers/auth.json"),
    // Where Podman and skopeo put it for a session without a runtime folder.
    ...(runtime === undefined && uid >= 0 ? [`/run/containers/${uid}/auth.json`] : []),
  ];
}

/** Looks hosts up in those files, and asks the helpers that they name. */
export function dockerCredentials(world: DockerWorld): FindCredentials {
  return async (host, signal) => {
    for (const path of credentialFiles(world.env, world.uid)) {
      const config = await readConfig(world, path);
      if (config === null) continue;
      const entry = configEntry(config, host);
      if (entry.kind === "credentials") return entry.credentials;
      if (entry.kind === "none") continue;
      const credentials = await askHelper(world, entry.name, entry.key, signal);
      if (credentials.kind !== "anonymous") return credentials;
    }
    return ANONYMOUS;
  };
}

/** Null when there is none. A link is followed: people keep such files elsewhere. */
async function readConfig({ files }: DockerWorld, path: string): Promise<JsonObject | null> {
  const real = await files.realPath(path).catch((error: unknown) => {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  });
  if (real === null) return null;
  const read = await files.readSmall(real, MAX_CONFIG_BYTES);
  if (read.kind === "absent") return null;
  const config = read.kind === "bytes" ? parseDockerConfig(read.bytes) : null;
  if (config !== null) return config;
  throw new AprError("malformed", `cannot read the credentials in ${path}: it is no JSON object`, {
    hint: "repair or remove the file",
    fields: { code: "bad-credentials-file", path },
  });
}
