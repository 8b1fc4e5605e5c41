import type { SystemFiles } from "../world/supervise.ts";
import type { GroupPlace } from "./cgroup-place.ts";

/** What a memory group's files say. Null where a file is not there, such as those of the root group. Bytes. */
export interface GroupFacts {
  readonly usageBytes: number | null;
  readonly peakBytes: number | null;
  /** Null where there is no limit. */
  readonly limitBytes: number | null;
  /** Page cache that could be given back at once. */
  readonly reclaimableBytes: number;
  /** Processes of this group that the kernel killed for want of memory; on v2 also in groups below it. */
  readonly oomKills: number | null;
  /** How often the limit was run into. */
  readonly failures: number | null;
}

/** A limit above this is none: v1 writes the largest number of pages for `no limit`. */
const NO_LIMIT_BYTES = 2 ** 60;

/** Source: Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst of Linux. */
export function readGroup(system: SystemFiles, { version, folder }: GroupPlace): GroupFacts {
  const read = (name: string): string | undefined => system.read(`${folder}/${name}`);
  if (version === 2) {
    const events = read("memory.events");
    return {
      usageBytes: whole(read("memory.current")),
      peakBytes: whole(read("memory.peak")),
      limitBytes: limit(read("memory.max")),
      reclaimableBytes: named(read("memory.stat"), "inactive_file") ?? 0,
      oomKills: named(events, "oom_kill"),
      failures: named(events, "max"),
    };
  }
  return {
    usageBytes: whole(read("memory.usage_in_bytes")),
    peakBytes: whole(read("memory.max_usage_in_bytes")),
    limitBytes: limit(read("memory.limit_in_bytes")),
    reclaimableBytes: named(read("memory.stat"), "total_inactive_file") ?? 0,
    oomKills: named(read("memory.oom_control"), "oom_kill"),
    failures: whole(read("memory.failcnt")),
  };
}

/** Only what changes from moment to moment: one small file. */
export function readUsage(system: SystemFiles, { version, folder }: GroupPlace): number | null {
  return whole(system.read(`${folder}/${version === 2 ? "memory.current" : "memory.usage_in_bytes"}`));
}

function whole(text: string | undefined): number | null {
  const found = /^\s*(\d{1,20})\s*$/.exec(text ?? "")?.[1];
  return found === undefined ? null : Number(found);
}

/** `max`, or a number; v1 has a huge number for no limit. */
function limit(text: string | undefined): number | null {
  const bytes = whole(text);
  return bytes === null || bytes >= NO_LIMIT_BYTES ? null : bytes;
}

function named(text: string | undefined, name: string): number | null {
  for (const line of text?.split("\n") ?? []) {
    const [key, value] = line.split(" ");
    if (key === name) return whole(value);
  }
  return null;
}
