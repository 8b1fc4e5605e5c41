import type { GpuRecord } from "../../observe/gpu-usage.ts";
import { nodeTimers } from "../../world/node/time.ts";

/** A program shorter than this is over before the driver would answer. */
const WAIT_MS = 300;

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
  const begun = begin(isOurs, env, startedMs, over.signal).catch(() => null);
  return {
    async stop() {
      over.abort();
      return (await begun)?.stop() ?? null;
    },
  };
}

async function begin(
  isOurs: (pid: number) => boolean,
  env: Readonly<Record<string, string>>,
  startedMs: number,
  over: AbortSignal,
): Promise<{ stop(): GpuRecord } | null> {
  await nodeTimers.sleep(WAIT_MS, over);
  if (over.aborted) return null;
  const { askDriver } = await import("../oom/gpu.ts");
  return askDriver(isOurs, env, startedMs);
}
