import { ASSUMED_CONTEXT_BYTES, contextBytes, type MemorySampler, openSampler } from "./memory-sampler.ts";
import {
  type Held,
  heldBytes,
  type MemorySample,
  notProven,
  requiredBytes,
  type Residency,
} from "./residency.ts";
import type { DeviceWorld } from "./world.ts";

/** A program must show its model in GPU memory within this. */
const RESIDENCY_DEADLINE_MS = 30_000;
const INTERVAL_MS = 250;

export interface ResidencyWorld extends DeviceWorld {
  /** The driver counts processes as this system does: not inside a container. */
  readonly samePids: () => boolean;
  /** Whether a process has a GPU open. */
  readonly hasGpuOpen: (pid: number) => boolean;
}

export interface WatchOptions {
  readonly modelBytes: number;
  /** The program's processes at this moment. */
  readonly tree: () => readonly number[];
  readonly deadlineMs?: number;
  /** Aborted when the program ends. */
  readonly ended?: AbortSignal;
}

/** Made before the program starts: what others hold by then is not the program's. */
export interface ResidencyWatch {
  /** Who is asked; null where nobody can be. */
  readonly source: MemorySampler["source"] | null;
  /** Ends as soon as the model is seen, at the deadline, or with the program; at once where nobody can be asked. */
  watch(options: WatchOptions): Promise<Residency>;
  close(): void;
}

/** Gets ready to watch: measures a bare context, and what is held already. A second or two on a GPU machine. */
export async function prepareResidency(world: ResidencyWorld): Promise<ResidencyWatch> {
  const context = (await contextBytes(world)) ?? ASSUMED_CONTEXT_BYTES;
  const sampler = await openSampler(world);
  const baseline = sampler === null ? null : await sampler.read();
  if (sampler === null || baseline === null) {
    sampler?.close();
    const watchNothing = ({ modelBytes }: WatchOptions): Promise<Residency> =>
      Promise.resolve(noObserver(modelBytes));
    return { source: null, watch: watchNothing, close: () => undefined };
  }
  return {
    source: sampler.source,
    watch: (options) => watch(world, sampler, { baseline, contextBytes: context }, options),
    close: () => sampler.close(),
  };
}

async function watch(
  world: ResidencyWorld,
  sampler: MemorySampler,
  before: { readonly baseline: MemorySample; readonly contextBytes: number },
  { modelBytes, tree, ended, deadlineMs = RESIDENCY_DEADLINE_MS }: WatchOptions,
): Promise<Residency> {
  const startMs = world.clock.monotonicMs();
  const samePids = world.samePids();
  const required = requiredBytes(modelBytes);
  let most: Held | null = null;
  for (;;) {
    const sample = await sampler.read();
    const pids = tree();
    const holders = pids.filter((pid) => world.hasGpuOpen(pid)).length;
    const held =
      sample === null ? null : heldBytes({ ...before, sample, tree: pids, holders, samePids, modelBytes });
    if (held !== null && (most === null || held.bytes > most.bytes)) most = held;
    const afterMs = world.clock.monotonicMs() - startMs;
    // Half of nothing proves nothing.
    if (held !== null && held.bytes >= Math.max(1, required)) {
      const { how, bytes } = held;
      return {
        kind: "proven",
        how,
        bytes,
        requiredBytes: required,
        contextBytes: before.contextBytes,
        afterMs,
      };
    }
    const seen = { most, contextBytes: before.contextBytes, modelBytes };
    if (ended?.aborted === true) return notProven("ended-early", seen, afterMs);
    if (afterMs >= deadlineMs) return notProven("not-resident", seen, afterMs);
    await world.timers.sleep(Math.min(INTERVAL_MS, deadlineMs - afterMs), ended);
  }
}

/** What a watch that could not be made proves: nothing. */
function noObserver(modelBytes: number): Residency {
  return {
    kind: "not-proven",
    code: "no-observer",
    message: "GPU memory cannot be observed here: neither the driver's memory library nor nvidia-smi answers",
    mostBytes: 0,
    requiredBytes: requiredBytes(modelBytes),
    contextBytes: 0,
  };
}
