import type { SystemFiles } from "../world/supervise.ts";
import type { World } from "../world/world.ts";
import { Curve, type Sample } from "./curve.ts";
import { type GroupDelta, GroupWatch } from "./group-watch.ts";
import { type MappingSizes, type MemoryLimits, mappingSizes, memoryLimits } from "./mappings.ts";
import { Members, type Seen } from "./members.ts";

/** What was seen of a program's memory while it ran. Bytes. */
export interface TreeRecord {
  /** Highest sum of resident sizes over the tree; shared pages count once for each user. */
  readonly peakResidentBytes: number;
  /** The same with shared pages split among their users, where the tree had several large processes. */
  readonly peakSharedOutBytes: number | null;
  /** Highest address-space size of one process. */
  readonly peakVirtualBytes: number;
  readonly samples: number;
  readonly curve: readonly Sample[];
  readonly recent: readonly Sample[];
  readonly processes: readonly Seen[];
  /** The process that was largest when the tree was. */
  readonly largest: Seen | undefined;
  /** Of the largest process, near its peak. */
  readonly mappings: MappingSizes;
  readonly limits: MemoryLimits | undefined;
  readonly groups: readonly GroupDelta[];
}

/** At most one part in so many of the time goes into sampling. */
const COST_FACTOR = 100;
const FIRST_COST_MS = 0.1;
const COST_GROWTH = 3;
const MIN_INTERVAL_MS = 10;
const MAX_INTERVAL_MS = 2000;
/** Processes are looked for no more often than this; groups too. */
const DISCOVER_MS = 50;
/** Mappings are read again when the largest process has grown by this much. */
const GROWTH_FACTOR = 1.1;
const LARGE_BYTES = 16 * 1024 * 1024;
/** Shares of pages are read for no more processes than this at once. */
const MAX_SHARED = 64;

/** Samples the memory of a program and all that it starts, until it is stopped. It may use little time of its own. */
export class TreeWatch {
  readonly #world: Pick<World, "clock" | "timers" | "processes">;
  readonly #system: SystemFiles;
  readonly #members: Members;
  readonly #groups: GroupWatch;
  readonly #curve = new Curve();
  readonly #stop = new AbortController();
  readonly #startMs: number;
  #loop: Promise<void> = Promise.resolve();
  #samples = 0;
  #peak = 0;
  #sharedPeak: number | null = null;
  #virtual = 0;
  #largest: Seen | undefined;
  #mappedAt = 0;
  #mappings: MappingSizes = {};
  #limits: MemoryLimits | undefined;
  #nextDiscoverMs = 0;

  constructor(world: Pick<World, "clock" | "timers" | "processes">, system: SystemFiles, pid: number) {
    this.#world = world;
    this.#system = system;
    this.#members = new Members(world.processes, pid);
    this.#groups = new GroupWatch(system);
    this.#startMs = world.clock.monotonicMs();
    this.#groups.include("self");
    this.#loop = this.#run();
  }

  /** True for a process of the tree that is there now. */
  knows(pid: number): boolean {
    return this.#members.knows(pid);
  }

  async stop(): Promise<TreeRecord> {
    this.#stop.abort();
    await this.#loop;
    return {
      peakResidentBytes: this.#peak,
      peakSharedOutBytes: this.#sharedPeak,
      peakVirtualBytes: this.#virtual,
      samples: this.#samples,
      curve: this.#curve.points(),
      recent: this.#curve.recent(),
      processes: this.#members.seen(),
      largest: this.#largest,
      mappings: this.#mappings,
      limits: this.#limits,
      groups: this.#groups.deltas(),
    };
  }

  async #run(): Promise<void> {
    const { clock, timers } = this.#world;
    let costMs = FIRST_COST_MS;
    while (!this.#stop.signal.aborted) {
      const beginMs = clock.monotonicMs();
      this.#sample(beginMs);
      // One slow sample is a busy machine, or code that runs for the first time; several are a large tree.
      costMs = Math.min(clock.monotonicMs() - beginMs, costMs * COST_GROWTH);
      const restMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, costMs * COST_FACTOR));
      await timers.sleep(restMs, this.#stop.signal);
    }
  }

  #sample(nowMs: number): void {
    if (nowMs >= this.#nextDiscoverMs) {
      this.#members.discover();
      this.#nextDiscoverMs = nowMs + DISCOVER_MS;
      for (const pid of this.#members.mainPids()) this.#groups.include(pid);
    }
    const { sumBytes, largest, large, smallBytes, virtualBytes } = this.#members.measure();
    this.#groups.sample();
    if (largest === undefined) return;
    this.#samples += 1;
    this.#virtual = Math.max(this.#virtual, virtualBytes);
    this.#curve.add({ atMs: nowMs - this.#startMs, bytes: sumBytes });
    if (sumBytes <= this.#peak) return;
    this.#peak = sumBytes;
    this.#largest = largest;
    if (largest.rssBytes < this.#mappedAt * GROWTH_FACTOR + LARGE_BYTES / 4) return;
    this.#mappedAt = largest.rssBytes;
    this.#lookCloser(largest.pid, large, smallBytes);
  }

  /** What costs more, and so is read only when the tree has grown by a good part. */
  #lookCloser(pid: number, large: readonly number[], smallBytes: number): void {
    const maps = this.#system.read(`/proc/${pid}/maps`);
    if (maps !== undefined && maps !== "") this.#mappings = mappingSizes(maps);
    const limits = this.#system.read(`/proc/${pid}/limits`);
    if (limits !== undefined) this.#limits = memoryLimits(limits);
    this.#groups.include(pid);
    if (large.length < 2 || large.length > MAX_SHARED) return;
    let sum = smallBytes;
    for (const each of large) sum += this.#world.processes.pssBytes(each) ?? 0;
    this.#sharedPeak = Math.max(this.#sharedPeak ?? 0, sum);
  }
}
