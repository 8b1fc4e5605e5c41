import type { Processes } from "../world/processes.ts";

/** A process that was seen in a tree. Bytes. */
export interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly command: readonly string[];
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  /** False when it had ended by the last look. */
  readonly alive: boolean;
}

export interface Measured {
  readonly sumBytes: number;
  readonly largest: Seen | undefined;
  /** Process ids of those above `LARGE_BYTES`, and the sum of all others. */
  readonly large: readonly number[];
  readonly smallBytes: number;
  readonly virtualBytes: number;
}

/** Shares of a process smaller than this are not worth their cost. */
const LARGE_BYTES = 16 * 1024 * 1024;
/** Of a tree that starts more processes than this in its life, the oldest dead ones are forgotten. */
const MAX_DEAD = 2000;
const MAX_LIVING = 20_000;
const MAX_WORDS = 200;

/** A tree larger than this is followed by what costs less there. */
const BIG_TREE = 32;
/** Of a big tree's small processes one in so many is looked at in each turn. */
const TURNS = 8;

type TreeProcesses = Pick<Processes, "facts" | "children" | "commandLine" | "all">;
type Mutable = { -readonly [K in keyof Seen]: Seen[K] };

/** Follows a process and all that it starts. One that left its parent stays, as long as it was seen once. */
export class Members {
  readonly #processes: TreeProcesses;
  readonly #root: number;
  readonly #living = new Map<number, Mutable>();
  readonly #dead: Seen[] = [];
  readonly #buried = new Set<number>();
  /** Processes of others. */
  #strangers = new Set<number>();
  #turn = 0;

  constructor(processes: TreeProcesses, root: number) {
    this.#processes = processes;
    this.#root = root;
    this.#add(root, 0);
  }

  /** Looks for new processes below the known ones. */
  discover(): void {
    if (this.#living.size > BIG_TREE) return this.#scan();
    const queue = [...this.#living.keys()];
    for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
      for (const child of this.#processes.children(pid)) {
        if (this.#living.has(child) || this.#living.size >= MAX_LIVING || this.#isBuried(child)) continue;
        this.#add(child, pid);
        queue.push(child);
      }
    }
  }

  /** One list of all processes costs less than the children of each of many. Only those not met before are asked. */
  #scan(): void {
    const present = this.#processes.all();
    if (this.#strangers.size > 2 * present.length) this.#strangers = new Set();
    const unknown = new Map<number, number>();
    for (const pid of present) {
      if (this.#living.has(pid) || this.#strangers.has(pid) || this.#isBuried(pid)) continue;
      const facts = this.#processes.facts(pid);
      if (facts !== undefined) unknown.set(pid, facts.parent);
    }
    for (let found = true; found && this.#living.size < MAX_LIVING; ) {
      found = false;
      for (const [pid, parent] of unknown) {
        if (!this.#living.has(parent)) continue;
        this.#add(pid, parent);
        unknown.delete(pid);
        found = true;
      }
    }
    for (const pid of unknown.keys()) this.#strangers.add(pid);
  }

  /** One that nobody has waited for yet still stands among its parent's children. Its number may come again. */
  #isBuried(pid: number): boolean {
    if (!this.#buried.has(pid)) return false;
    const facts = this.#processes.facts(pid);
    if (facts === undefined || facts.zombie) return true;
    this.#buried.delete(pid);
    return false;
  }

  #add(pid: number, parent: number): void {
    this.#living.set(pid, {
      ...{ pid, parent, name: "", command: [], rssBytes: 0, peakRssBytes: 0, alive: true },
    });
  }

  /** Sizes of all of them now. */
  measure(): Measured {
    let [sumBytes, smallBytes, virtualBytes] = [0, 0, 0];
    let largest: Mutable | undefined;
    const large: number[] = [];
    this.#turn += 1;
    let index = 0;
    for (const [pid, member] of this.#living) {
      if (!this.#waits(member, index++)) {
        const peakVirtualBytes = this.#look(member);
        if (peakVirtualBytes === undefined) continue;
        virtualBytes = Math.max(virtualBytes, peakVirtualBytes);
      }
      sumBytes += member.rssBytes;
      if (member.rssBytes >= LARGE_BYTES) large.push(pid);
      else smallBytes += member.rssBytes;
      if (largest === undefined || member.rssBytes > largest.rssBytes) largest = member;
    }
    return { sumBytes, largest, large, smallBytes, virtualBytes };
  }

  /** True for a small process of a big tree whose turn it is not: it counts as it was. */
  #waits({ name, rssBytes }: Seen, index: number): boolean {
    if (this.#living.size <= BIG_TREE || name === "" || rssBytes >= LARGE_BYTES) return false;
    return (index + this.#turn) % TURNS !== 0;
  }

  /** Takes in what a process is now, and gives its highest address-space size; undefined when it has gone. */
  #look(member: Mutable): number | undefined {
    const facts = this.#processes.facts(member.pid);
    if (facts === undefined || facts.zombie) {
      this.#bury(member);
      return undefined;
    }
    // A process that executes another program has a new name, and another command line.
    if (facts.name !== member.name) {
      member.name = facts.name;
      member.command = this.#processes.commandLine(member.pid).slice(0, MAX_WORDS);
    }
    member.parent = facts.parent;
    member.rssBytes = facts.rssBytes;
    member.peakRssBytes = Math.max(member.peakRssBytes, facts.peakRssBytes);
    return facts.peakVirtualBytes;
  }

  #bury(member: Mutable): void {
    this.#living.delete(member.pid);
    member.alive = false;
    this.#dead.push(member);
    this.#buried.add(member.pid);
    if (this.#dead.length <= MAX_DEAD) return;
    const oldest = this.#dead.shift();
    if (oldest !== undefined) this.#buried.delete(oldest.pid);
  }

  knows(pid: number): boolean {
    return this.#living.has(pid);
  }

  /** The root and the largest one: those whose control groups matter most. */
  mainPids(): readonly number[] {
    let largest: Mutable | undefined;
    for (const member of this.#living.values()) {
      if (largest === undefined || member.rssBytes > largest.rssBytes) largest = member;
    }
    return largest === undefined || largest.pid === this.#root ? [this.#root] : [this.#root, largest.pid];
  }

  /** Every process that was seen, the root first. */
  seen(): readonly Seen[] {
    const all = [...this.#dead, ...this.#living.values()];
    return all.sort((a, b) => Number(b.pid === this.#root) - Number(a.pid === this.#root));
  }
}
