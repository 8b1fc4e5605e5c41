import type { Processes } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import { hubToken } from "./places/hub-token.ts";
import { ANONYMOUS, type FindCredentials } from "./registry/credentials.ts";
import { dockerCredentials } from "./registry/docker-credentials.ts";

/** Whoever knows this person's secrets. Everything else of a transfer works without them. */
export interface Logins {
  readonly registry: FindCredentials;
  /** For Hugging Face; null for none. */
  readonly hub: () => Promise<string | null>;
}

/** Somebody without any. */
export const NO_LOGINS: Logins = {
  registry: () => Promise.resolve(ANONYMOUS),
  hub: () => Promise.resolve(null),
};

export interface LoginPlaces extends Pick<World, "timers" | "files" | "env"> {
  /** For Docker's credential helpers. */
  readonly processes: Pick<Processes, "spawn" | "find" | "signal">;
  /** Of this person; below 0 where there is none. */
  readonly uid: number;
  /** Absolute. */
  readonly homeFolder: string;
  /** Absolute: where relative paths begin. */
  readonly workingFolder: string;
}

/** Looks where Docker, Podman, skopeo and the tools of Hugging Face keep them. */
export function loginsOf({
  env,
  files,
  homeFolder,
  processes,
  timers,
  uid,
  workingFolder,
}: LoginPlaces): Logins {
  return {
    registry: dockerCredentials({ timers, files, processes, env, uid }),
    hub: () => hubToken({ files, env, homeFolder, workingFolder }),
  };
}
