import type { SystemFiles } from "../world/supervise.ts";
import { type GroupFacts, readGroup, readUsage } from "./cgroup.ts";
import { type GroupPlace, type Mount, mountsIn, placeIn, withParents } from "./cgroup-place.ts";

/** How a memory group changed while a program ran. */
export interface GroupDelta {
  readonly place: GroupPlace;
  readonly oomKills: number;
  readonly failures: number;
  /** At the end; the usage is the last one that was seen while the program ran. */
  readonly facts: GroupFacts;
  readonly lastUsageBytes: number | null;
}

interface Watched {
  readonly place: GroupPlace;
  readonly before: GroupFacts;
  lastUsageBytes: number | null;
}

/** A tree that moves through more groups than this is not followed further. */
const MAX_GROUPS = 64;

/** The memory groups of a process tree, those above them included: a limit may stand on any. */
export class GroupWatch {
  readonly #system: SystemFiles;
  readonly #prefix: string;
  readonly #mounts: readonly Mount[];
  readonly #watched = new Map<string, Watched>();
  readonly #memberships = new Set<string>();

  /** `prefix` stands before every path, for a tree of files that is not the system's own. */
  constructor(system: SystemFiles, prefix = "") {
    this.#system = system;
    this.#prefix = prefix;
    this.#mounts = mountsIn(system.read(`${prefix}/proc/self/mountinfo`) ?? "");
  }

  /** Takes in the group that a process is in now. Its counters count from the first time that it is seen. */
  include(pid: number | "self"): void {
    const membership = this.#system.read(`${this.#prefix}/proc/${pid}/cgroup`);
    if (membership === undefined || this.#memberships.has(membership)) return;
    if (this.#memberships.size < MAX_GROUPS) this.#memberships.add(membership);
    const place = placeIn(membership, this.#mounts, this.#prefix);
    if (place === undefined) return;
    for (const each of withParents(place)) {
      if (this.#watched.has(each.folder) || this.#watched.size >= MAX_GROUPS) continue;
      const before = readGroup(this.#system, each);
      this.#watched.set(each.folder, { place: each, before, lastUsageBytes: before.usageBytes });
    }
  }

  /** Notes what the limited groups use now. */
  sample(): void {
    for (const watched of this.#watched.values()) {
      if (watched.before.limitBytes === null) continue;
      watched.lastUsageBytes = readUsage(this.#system, watched.place) ?? watched.lastUsageBytes;
    }
  }

  deltas(): readonly GroupDelta[] {
    return [...this.#watched.values()].map(({ place, before, lastUsageBytes }) => {
      const facts = readGroup(this.#system, place);
      return {
        ...{ place, facts, lastUsageBytes },
        oomKills: grown(before.oomKills, facts.oomKills),
        failures: grown(before.failures, facts.failures),
      };
    });
  }
}

function grown(before: number | null, after: number | null): number {
  return before === null || after === null ? 0 : Math.max(0, after - before);
}
