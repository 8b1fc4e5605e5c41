import type { World } from "../world/world.ts";

/** What looking for devices needs of the world. */
export type DeviceWorld = Pick<World, "clock" | "timers" | "env"> & {
  readonly files: Pick<
    World["files"],
    "facts" | "realPath" | "list" | "readBounded" | "readSmall" | "openRead" | "entries"
  >;
  readonly processes: Pick<World["processes"], "spawn" | "find" | "signal">;
  readonly host: Pick<World["host"], "platform" | "cores">;
  /** The program that talks to native libraries, as the beginning of a command; null where it is not there. */
  readonly probe: () => readonly [string, ...string[]] | null;
};
