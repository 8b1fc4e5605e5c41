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

type Mutable = { -readonly [K in keyof Seen]: Seen[K] };

/** Follows a process and all that it starts. One that left its parent stays, as long as it was seen once. */
export class Members {
  readonly #processes: Pick<Processes, "facts" | "children" | "commandLine">;
  readonly #root: number;
  readonly #living = new Map<number, Mutable>();
  readonly #dead: Seen[] = [];
  readonly #buried = new Set<number>();

  constructor(processes: Pick<Processes, "facts" | "children" | "commandLine">, root: number) {
    this.#processes = processes;
    this.#root = root;
    this.#add(root, 0);
  }

  /** Looks for new processes below the known ones. */
  discover(): void {
    const queue = [...this.#living.keys()];
    for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
      for (const child of this.#processes.children(pid)) {
        if (this.#living.has(child) || this.#living.size >= MAX_LIVING || this.#isBuried(child)) continue;
        this.#add(child, pid);
        queue.push(child);
      }
    }
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
    for (const [pid, member] of this.#living) {
      const facts = this.#processes.facts(pid);
      if (facts === undefined || facts.zombie) {
        this.#bury(member);
        continue;
      }
      // A process that executes another program has a new name, and another command line.
      if (facts.name !== member.name) {
        member.name = facts.name;
        member.command = this.#processes.commandLine(pid).slice(0, MAX_WORDS);
      }
      member.parent = facts.parent;
      member.rssBytes = facts.rssBytes;
      member.peakRssBytes = Math.max(member.peakRssBytes, facts.peakRssBytes);
      virtualBytes = Math.max(virtualBytes, facts.peakVirtualBytes);
      sumBytes += facts.rssBytes;
      if (facts.rssBytes >= LARGE_BYTES) large.push(pid);
      else smallBytes += facts.rssBytes;
      if (largest === undefined || facts.rssBytes > largest.rssBytes) largest = member;
    }
    return { sumBytes, largest, large, smallBytes, virtualBytes };
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
