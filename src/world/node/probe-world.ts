import { nodeFiles } from "./files.ts";
import { nodeHost } from "./host.ts";
import { probeProgram } from "./probe-program.ts";
import { nodeProcesses } from "./processes.ts";
import { nodeClock, nodeTimers } from "./time.ts";

/** The part of the real world that looking for devices needs. It loads faster than the whole. */
export const nodeProbeWorld = {
  clock: nodeClock,
  timers: nodeTimers,
  files: nodeFiles,
  processes: nodeProcesses,
  host: nodeHost,
  env: process.env,
  probe: probeProgram,
} as const;
