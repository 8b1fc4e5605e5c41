import { formatBytes } from "../base/units.ts";

// Whether a program's model lies in GPU memory. Pure: samples in, a judgement out.

/** Memory of GPUs at one moment. */
export interface MemorySample {
  /** Used bytes of each device; null where it does not tell. */
  readonly devices: readonly (number | null)[];
  /** Process ids as the driver counts them: the host's, even inside a container. */
  readonly processes: readonly {
    readonly device: number;
    readonly pid: number;
    readonly bytes: number | null;
  }[];
}

/** How memory was told to be the program's. */
export type Attribution =
  /** The driver names a process of the tree. */
  | "pid"
  /** The driver's ids mean nothing here; a process that was not there before holds it, and the tree has a GPU open. */
  | "new-process"
  /** The driver names no process at all; a device's use grew, and the tree has a GPU open. */
  | "device-growth";

export interface ResidencyFacts {
  readonly baseline: MemorySample;
  readonly sample: MemorySample;
  /** Process ids of the program's tree, as this system counts them. */
  readonly tree: readonly number[];
  /** How many of those have a GPU open. */
  readonly holders: number;
  /** The driver counts processes as this system does. */
  readonly samePids: boolean;
  /** What a bare CUDA context takes, bytes: it is no part of a model. */
  readonly contextBytes: number;
  readonly modelBytes: number;
}

export interface Held {
  readonly how: Attribution;
  /** Beyond a bare context. */
  readonly bytes: number;
}

/** Half of the model: some of its layers may run elsewhere. */
export function requiredBytes(modelBytes: number): number {
  return Math.ceil(modelBytes / 2);
}

/** GPU memory that the program can be said to hold; null where nothing can be said. */
export function heldBytes(facts: ResidencyFacts): Held | null {
  const { baseline, sample, tree, holders, contextBytes } = facts;
  const own = facts.samePids ? sample.processes.filter(({ pid }) => tree.includes(pid)) : [];
  if (own.length > 0) {
    const most = largestProcess(own, contextBytes);
    return most === null ? grown(facts) : { how: "pid", bytes: most };
  }
  // A program without a GPU open holds no memory of one, whatever others do.
  if (facts.samePids || holders === 0) return null;
  const before = new Set(baseline.processes.map(({ pid }) => pid));
  const fresh = sample.processes.filter(({ pid }) => !before.has(pid));
  const count = new Set(fresh.map(({ pid }) => pid)).size;
  if (count === 0) return grown(facts);
  // More of them than the tree can have: some are somebody else's, and which cannot be told.
  if (count > holders) return null;
  const most = largestProcess(fresh, contextBytes);
  return most === null ? grown(facts) : { how: "new-process", bytes: most };
}

/** The most that one process holds on all devices, less a context on each; null where the driver does not tell. */
function largestProcess(entries: MemorySample["processes"], contextBytes: number): number | null {
  const byPid = new Map<number, number>();
  for (const { pid, bytes } of entries) {
    if (bytes === null) return null;
    byPid.set(pid, (byPid.get(pid) ?? 0) + Math.max(0, bytes - contextBytes));
  }
  return Math.max(...byPid.values());
}

function grown({ baseline, sample, holders, contextBytes }: ResidencyFacts): Held | null {
  if (holders === 0) return null;
  let bytes = 0;
  for (const [index, used] of sample.devices.entries()) {
    const growth = (used ?? 0) - (baseline.devices[index] ?? used ?? 0);
    // Each process that has the device open has a context of its own on it.
    if (growth > 0) bytes += Math.max(0, growth - contextBytes * holders);
  }
  return { how: "device-growth", bytes };
}

export type Residency =
  | {
      readonly kind: "proven";
      readonly how: Attribution;
      readonly bytes: number;
      readonly requiredBytes: number;
      readonly contextBytes: number;
      readonly afterMs: number;
    }
  | {
      readonly kind: "not-proven";
      readonly code: "no-observer" | "not-resident" | "ended-early";
      /** One sentence for a person. */
      readonly message: string;
      /** The most that was seen, beyond a bare context. */
      readonly mostBytes: number;
      readonly requiredBytes: number;
      readonly contextBytes: number;
    };

/** What to say where the time is over, or the program, and too little was seen. */
export function notProven(
  code: "not-resident" | "ended-early",
  seen: { readonly most: Held | null; readonly contextBytes: number; readonly modelBytes: number },
  afterMs: number,
): Residency {
  const required = requiredBytes(seen.modelBytes);
  const mostBytes = seen.most?.bytes ?? 0;
  const when = code === "ended-early" ? "until the program ended" : `within ${Math.round(afterMs / 1000)} s`;
  const held =
    seen.most === null
      ? "no process of the program held GPU memory"
      : `the program held ${formatBytes(mostBytes)} of GPU memory at most, beyond a bare context`;
  const message = `${held} ${when}; ${formatBytes(required)} would prove that the model is there`;
  return {
    kind: "not-proven",
    code,
    message,
    mostBytes,
    requiredBytes: required,
    contextBytes: seen.contextBytes,
  };
}
