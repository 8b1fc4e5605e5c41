import type { Supervisor } from "../supervise.ts";
import { startSupervised } from "./supervise.ts";
import { readKernelLog, systemFiles } from "./system-files.ts";

export const nodeSupervisor: Supervisor = {
  start: startSupervised,
  system: systemFiles,
  kernelLog: readKernelLog,
};
