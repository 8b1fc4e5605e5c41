import type { TreeRecord } from "../observe/tree-watch.ts";
import type { Seen } from "../observe/members.ts";
import type { Sample } from "../observe/curve.ts";
import type { GpuRecord } from "../observe/gpu-usage.ts";
import type { OomCause } from "./cause.ts";
import type { OomDetail, OomOp } from "./detail.ts";

/** The highest resident size that the kernel kept for the program, once it has ended. */
export interface KernelPeak {
  readonly peakRssBytes: number | null;
  /** Sizes up to this may be apr's own, bytes. */
  readonly floorRssBytes: number;
}

const SOURCE = "apr run, samples of /proc";
const NS_PER_MS = 1_000_000;

/** What apr's own samples tell of a program's memory. `victim` is the process that the stack ends at. */
export function hostDetail(record: TreeRecord, kernel: KernelPeak, victim: number | undefined): OomDetail {
  const { peakRssBytes, floorRssBytes } = kernel;
  const exact = peakRssBytes !== null && peakRssBytes > floorRssBytes ? peakRssBytes : 0;
  const group = groupPeak(record);
  const sampled = record.peakSharedOutBytes ?? record.peakResidentBytes;
  const largest = Math.max(0, ...record.processes.map((each) => each.peakRssBytes));
  const allocated = Math.max(sampled, exact, largest, group ?? 0);
  return {
    source: SOURCE,
    derived: ["peakAllocatedBytes", "peakReservedBytes", "largestAllocStack", "histogram", "lastOps"],
    // A program that ended before the first look: nothing was seen of it.
    ...(allocated === 0 ? {} : { peakAllocatedBytes: allocated }),
    ...(record.peakVirtualBytes === 0
      ? {}
      : { peakReservedBytes: Math.max(allocated, record.peakVirtualBytes) }),
    largestAllocStack: chain(record.processes, victim ?? record.largest?.pid),
    histogram: record.mappings,
    lastOps: changes(record.recent),
    curve: record.curve.map(({ atMs, bytes }) => ({ t_ms: atMs, bytes, series: "resident" })),
    notes: [
      "peak_allocated_bytes is resident memory: the highest of the tree's sampled sum, the kernel's figure for one process, and the killing group's peak",
      "peak_reserved_bytes is the largest address space of one process",
    ],
  };
}

/**
 * For a death on a GPU the host's memory says little: what the driver counted for the tree, and what the message says
 * that the program had, come first then.
 */
export function gpuDetails(cause: OomCause, gpu: GpuRecord | null): readonly OomDetail[] {
  if (cause.killer !== "gpu") return gpu?.seen === true ? [{ ...gpuCurve(gpu), notes: [] }] : [];
  const told = cause.usedBytes ?? 0;
  const counted = gpu?.peakBytes ?? 0;
  const peak = Math.max(told, counted);
  return [
    {
      ...(gpu === null ? { source: "the program's message" } : gpuCurve(gpu)),
      derived: ["peakAllocatedBytes", "peakReservedBytes"],
      ...(peak === 0 ? {} : { peakAllocatedBytes: peak, peakReservedBytes: peak }),
      notes: [
        ...(peak === 0
          ? []
          : ["both peaks are what the driver or the message counts for the program on its GPU"]),
        ...(gpu?.seen === false ? ["the GPU's driver named no process of this program"] : []),
      ],
    },
  ];
}

function gpuCurve({ curve }: GpuRecord): Pick<OomDetail, "source" | "curve"> {
  return {
    source: "nvidia-smi and the program's message",
    curve: curve.map(({ atMs, bytes }) => ({ t_ms: atMs, bytes, series: "gpu" })),
  };
}

/** The peak of the group in which the kernel killed: it counts page cache too, but misses no moment. */
function groupPeak({ groups }: TreeRecord): number | null {
  return (
    groups.find(({ oomKills, facts }) => oomKills > 0 && facts.peakBytes !== null)?.facts.peakBytes ?? null
  );
}

/** From the program down to a process, the program first: `sh (12)`, `python3 train.py (13)`. */
function chain(processes: readonly Seen[], pid: number | undefined): string[] {
  const byPid = new Map(processes.map((each) => [each.pid, each]));
  const frames: string[] = [];
  let at = pid === undefined ? processes[0] : (byPid.get(pid) ?? processes[0]);
  // A circle of parents cannot be, but a number that came again could make one.
  while (at !== undefined && frames.length < processes.length) {
    frames.push(`process ${at.pid} ${at.name === "" ? "(gone before it was seen)" : at.name}`);
    at = byPid.get(at.parent);
  }
  return frames.reverse();
}

/** How the sum of resident sizes changed from sample to sample. */
function changes(samples: readonly Sample[]): OomOp[] {
  return samples.slice(1).map(({ atMs, bytes }, index) => {
    const change = bytes - (samples[index]?.bytes ?? 0);
    return {
      op: change < 0 ? "resident shrinks" : "resident grows",
      bytes: Math.abs(change),
      ts_ns: Math.max(0, Math.round(atMs * NS_PER_MS)),
    };
  });
}
