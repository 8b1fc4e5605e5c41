import type { World } from "../world/world.ts";
import type { ProcessTree } from "./tree.ts";

/** What sampling saw of a run's memory. Bytes. */
export interface SampledMemory {
  /** Highest resident size of any one process, from the kernel's own high-water mark. */
  readonly largestBytes: number;
  /** Highest sum over the tree, shared pages split among their users. */
  readonly treeBytes: number;
  /** Highest address-space size of any one process. */
  readonly peakVirtualBytes: number;
  readonly samples: number;
}

/** A process smaller than this adds its whole resident size: reading its shares would cost more than they matter. */
const SMALL_BYTES = 2 * 1024 * 1024;
/** Reading shares walks page tables under the program's own lock: it gets at most this part of the time. */
const SHARE_COST_FACTOR = 8;

/** Samples a process tree until it is stopped. Fast at first, since short programs peak early. */
export class MemorySampler {
  readonly #world: World;
  readonly #tree: ProcessTree;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #largest = 0;
  #treePeak = 0;
  #virtual = 0;
  #samples = 0;
  #nextSharesMs = 0;

  constructor(world: World, tree: ProcessTree) {
    this.#world = world;
    this.#tree = tree;
    this.#loop = this.#run();
  }

  async stop(): Promise<SampledMemory> {
    this.#stop.abort();
    await this.#loop;
    return {
      largestBytes: this.#largest,
      treeBytes: Math.max(this.#treePeak, this.#largest),
      peakVirtualBytes: this.#virtual,
      samples: this.#samples,
    };
  }

  async #run(): Promise<void> {
    const { clock, timers } = this.#world;
    const startMs = clock.monotonicMs();
    while (!this.#stop.signal.aborted) {
      this.#sample();
      const ageMs = clock.monotonicMs() - startMs;
      await timers.sleep(ageMs < 1000 ? 2 : ageMs < 10_000 ? 5 : 10, this.#stop.signal);
    }
  }

  #sample(): void {
    this.#samples++;
    const large: number[] = [];
    let sum = 0;
    let smallSum = 0;
    for (const pid of this.#tree.members()) {
      const facts = this.#world.processes.facts(pid);
      if (facts === undefined) continue;
      this.#largest = Math.max(this.#largest, facts.peakRssBytes);
      this.#virtual = Math.max(this.#virtual, facts.peakVirtualBytes);
      sum += facts.rssBytes;
      if (facts.rssBytes < SMALL_BYTES) smallSum += facts.rssBytes;
      else large.push(pid);
    }
    // The sum counts shared pages once per user, so it is a bound: below the peak so far there is nothing to learn.
    if (sum <= this.#treePeak) return;
    this.#treePeak = Math.max(this.#treePeak, large.length < 2 ? sum : this.#shares(large) + smallSum);
  }

  #shares(pids: readonly number[]): number {
    const { clock, processes } = this.#world;
    const startMs = clock.monotonicMs();
    if (startMs < this.#nextSharesMs) return 0;
    let sum = 0;
    for (const pid of pids) sum += processes.pssBytes(pid) ?? 0;
    const endMs = clock.monotonicMs();
    this.#nextSharesMs = endMs + (endMs - startMs) * SHARE_COST_FACTOR;
    return sum;
  }
}
