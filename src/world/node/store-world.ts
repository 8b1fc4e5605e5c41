import { nodeFiles } from "./files.ts";
import { nodeHash } from "./hash.ts";
import { nodeHost, processIsAlive } from "./host.ts";
import { nodeRandom } from "./random.ts";
import { nodeClock, nodeTimers } from "./time.ts";

/** The part of the real world that a store needs. It loads faster than the whole: `apr cp` is over in milliseconds. */
export const nodeStoreWorld = {
  clock: nodeClock,
  timers: nodeTimers,
  files: nodeFiles,
  hash: nodeHash,
  random: nodeRandom,
  host: nodeHost,
  processes: { isAlive: processIsAlive },
} as const;
