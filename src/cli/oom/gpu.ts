import { type GpuRecord, GpuUsage } from "../../observe/gpu-usage.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeProcesses } from "../../world/node/processes.ts";
import { nodeClock } from "../../world/node/time.ts";

/** Where the driver's devices are: without them there is nobody to ask. */
const DEVICE = "/dev/nvidiactl";

/** Has the driver's own program tell of the tree's memory; null where there is no driver or no program. */
export async function askDriver(
  isOurs: (pid: number) => boolean,
  env: Readonly<Record<string, string>>,
  startedMs: number,
): Promise<{ stop(): GpuRecord } | null> {
  if ((await nodeFiles.facts(DEVICE)) === null) return null;
  const program = await nodeProcesses.find("nvidia-smi", env["PATH"] ?? "");
  if (program === undefined) return null;
  const usage = new GpuUsage(isOurs, () => nodeClock.monotonicMs() - startedMs);
  await usage.start(nodeProcesses, program, env);
  return { stop: () => usage.stop(nodeProcesses) };
}
