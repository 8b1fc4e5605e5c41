import { type GpuRecord, GpuUsage } from "../../observe/gpu-usage.ts";
import { nodeWorld } from "../../world/node/world.ts";

/** A program shorter than this is over before the driver would answer. */
const WAIT_MS = 300;
/** Where the driver's devices are: without them there is nobody to ask. */
const DEVICE = "/dev/nvidiactl";

export interface GpuWatch {
  stop(): Promise<GpuRecord | null>;
}

/** Watches the GPU memory of a tree where the machine has NVIDIA's driver; else does nothing. */
export function watchGpu(
  isOurs: (pid: number) => boolean,
  env: Readonly<Record<string, string>>,
  startedMs: number,
): GpuWatch {
  const over = new AbortController();
  const usage = begin(isOurs, env, startedMs, over.signal).catch(() => null);
  return {
    async stop() {
      over.abort();
      return (await usage)?.stop(nodeWorld.processes) ?? null;
    },
  };
}

async function begin(
  isOurs: (pid: number) => boolean,
  env: Readonly<Record<string, string>>,
  startedMs: number,
  over: AbortSignal,
): Promise<GpuUsage | null> {
  await nodeWorld.timers.sleep(WAIT_MS, over);
  if (over.aborted || (await nodeWorld.files.facts(DEVICE)) === null) return null;
  const program = await nodeWorld.processes.find("nvidia-smi", env["PATH"] ?? "");
  if (program === undefined || over.aborted) return null;
  const usage = new GpuUsage(isOurs, () => nodeWorld.clock.monotonicMs() - startedMs);
  await usage.start(nodeWorld.processes, program, env);
  return usage;
}
