import type { SystemFiles } from "../world/supervise.ts";
import { readGroup } from "./cgroup.ts";
import { mountsIn, placeIn, withParents } from "./cgroup-place.ts";
import { memoryLimits } from "./mappings.ts";

/** Memory that a new program could have, and what sets it. */
export interface AvailableMemory {
  readonly bytes: number;
  readonly source: string;
}

/**
 * The least of: what the machine has left, what each memory group above this process leaves free, and the limits on a
 * process that children inherit. Undefined where the machine does not say. `prefix` stands before every path.
 */
export function availableMemory(system: SystemFiles, prefix = ""): AvailableMemory | undefined {
  const meminfo = system.read(`${prefix}/proc/meminfo`);
  const kilobytes = /^MemAvailable: +(\d{1,16}) kB$/m.exec(meminfo ?? "")?.[1];
  if (kilobytes === undefined) return undefined;
  const all: AvailableMemory[] = [
    { bytes: Number(kilobytes) * 1024, source: "MemAvailable of this machine" },
    ...groupRoom(system, prefix),
    ...processLimits(system, prefix),
  ];
  return all.reduce((least, each) => (each.bytes < least.bytes ? each : least));
}

/** Page cache that is not in use makes room by itself. */
function groupRoom(system: SystemFiles, prefix: string): AvailableMemory[] {
  const membership = system.read(`${prefix}/proc/self/cgroup`) ?? "";
  const mounts = mountsIn(system.read(`${prefix}/proc/self/mountinfo`) ?? "");
  const place = placeIn(membership, mounts, prefix);
  if (place === undefined) return [];
  return withParents(place).flatMap((each) => {
    const { limitBytes, usageBytes, reclaimableBytes } = readGroup(system, each);
    if (limitBytes === null) return [];
    const usedBytes = Math.max(0, (usageBytes ?? limitBytes) - reclaimableBytes);
    return [{ bytes: Math.max(0, limitBytes - usedBytes), source: `memory limit of cgroup ${each.name}` }];
  });
}

function processLimits(system: SystemFiles, prefix: string): AvailableMemory[] {
  const { addressSpaceBytes, dataBytes } = memoryLimits(system.read(`${prefix}/proc/self/limits`) ?? "");
  return [
    ...(addressSpaceBytes === null ? [] : [{ bytes: addressSpaceBytes, source: "RLIMIT_AS" }]),
    ...(dataBytes === null ? [] : [{ bytes: dataBytes, source: "RLIMIT_DATA" }]),
  ];
}
