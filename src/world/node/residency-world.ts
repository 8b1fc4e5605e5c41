import { hasGpuOpen, inFirstProcessSpace } from "./gpu-files.ts";
import { nodeProbeWorld } from "./probe-world.ts";

/** The part of the real world that watching GPU memory needs. */
export const nodeResidencyWorld = { ...nodeProbeWorld, samePids: inFirstProcessSpace, hasGpuOpen } as const;
