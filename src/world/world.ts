import type { Clock, Timers } from "./clock.ts";
import type { Files } from "./files.ts";
import type { Hash } from "./hash.ts";
import type { Processes } from "./processes.ts";

export interface Host {
  readonly platform: string;
  readonly uid: number;
  readonly gid: number;
  readonly cores: number;
  readonly tempFolder: string;
}

/** Everything outside the program. Code that takes its effects from here runs on any of its makes. */
export interface World {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly files: Files;
  readonly hash: Hash;
  readonly processes: Processes;
  readonly host: Host;
  readonly env: Readonly<Record<string, string | undefined>>;
}
