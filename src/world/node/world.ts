import type { World } from "../world.ts";
import { nodeFiles } from "./files.ts";
import { nodeHash } from "./hash.ts";
import { nodeHost } from "./host.ts";
import { nodeProcesses } from "./processes.ts";
import { nodeQuickFiles } from "./quick-files.ts";
import { nodeRandom } from "./random.ts";
import { nodeClock, nodeTimers } from "./time.ts";

/** The real world: this machine, through Node. */
export const nodeWorld: World = {
  clock: nodeClock,
  timers: nodeTimers,
  files: nodeFiles,
  quick: nodeQuickFiles,
  hash: nodeHash,
  processes: nodeProcesses,
  random: nodeRandom,
  host: nodeHost,
  env: process.env,
};
