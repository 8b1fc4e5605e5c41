import type { Clock, Timers } from "./clock.ts";
import type { Files } from "./files.ts";
import type { Hash } from "./hash.ts";
import type { Processes } from "./processes.ts";
import type { QuickFiles } from "./quick-files.ts";
import type { Random } from "./random.ts";

export interface Host {
  /** The machine's name, to tell whose process a lease names. */
  readonly name: string;
  /** This process. */
  readonly pid: number;
  /** Changes with every start of the machine; empty where it cannot be told. */
  readonly bootId: string;
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
  readonly quick: QuickFiles;
  readonly hash: Hash;
  readonly random: Random;
  readonly processes: Processes;
  readonly host: Host;
  readonly env: Readonly<Record<string, string | undefined>>;
}
