import { availableParallelism, tmpdir } from "node:os";
import type { World } from "../world.ts";
import { nodeFiles } from "./files.ts";
import { nodeHash } from "./hash.ts";
import { nodeProcesses } from "./processes.ts";
import { nodeClock, nodeTimers } from "./time.ts";

/** The real world: this machine, through Node. */
export const nodeWorld: World = {
  clock: nodeClock,
  timers: nodeTimers,
  files: nodeFiles,
  hash: nodeHash,
  processes: nodeProcesses,
  host: {
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
    cores: availableParallelism(),
    tempFolder: tmpdir(),
  },
  env: process.env,
};
