import type { World } from "../../world/world.ts";
import type { HttpClient } from "../http/types.ts";
import type { FindCredentials } from "./credentials.ts";

/** What a registry's client needs. */
export interface RegistryDeps {
  readonly world: Pick<World, "clock" | "timers" | "random" | "hash">;
  readonly client: HttpClient;
  /** `dockerCredentials` for Docker's files and helpers. */
  readonly credentials: FindCredentials;
}
