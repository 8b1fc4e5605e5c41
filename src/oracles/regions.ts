import type { TransferEvent } from "./events.ts";

// Regions and their tasks, as quiescence and cancellation drain need them. A region is open from `region_created`
// to `region_close_complete`; a task runs from `spawn` to `complete`. A name may be used again once it is over.
// `region_close_begin` has no weight: a region that waits for its tasks may still begin new ones. A `cancel` of
// what does not run has none either: the task may just have ended.

export interface RegionFacts {
  /** Tasks that ran when their region closed, or at the end. */
  readonly unfinished: number;
  /** Of those, the ones that were told to stop: by themselves, or with their region. */
  readonly undrained: number;
  /** Regions that never closed. */
  readonly open: number;
  /** Beginnings of what runs already or in a region that is not open, and ends of what does not run. */
  readonly strays: number;
}

interface Region {
  cancelled: boolean;
  /** By task: whether it was told to stop. */
  readonly running: Map<string, boolean>;
}

export function regionFacts(events: readonly TransferEvent[]): RegionFacts {
  const tracker = new Tracker();
  for (const event of events) tracker.take(event);
  return tracker.facts();
}

class Tracker {
  readonly #regions = new Map<string, Region>();
  /** Where a task runs; null once its region has closed without it. */
  readonly #homes = new Map<string, Region | null>();
  #unfinished = 0;
  #undrained = 0;
  #strays = 0;

  take({ kind, data }: TransferEvent): void {
    if (kind === "region_created") this.#open(data.region);
    else if (kind === "region_cancelled") this.#cancelAll(data.region);
    else if (kind === "region_close_complete") this.#close(data.region);
    else if (kind === "spawn") this.#spawn(data.task, data.region);
    else if (kind === "complete") this.#complete(data.task);
    else if (kind === "cancel") {
      const home = this.#homes.get(data.task);
      if (home?.running.has(data.task) === true) home.running.set(data.task, true);
    }
  }

  facts(): RegionFacts {
    const open = this.#regions.size;
    for (const name of [...this.#regions.keys()]) this.#close(name);
    return { unfinished: this.#unfinished, undrained: this.#undrained, open, strays: this.#strays };
  }

  #open(name: string): void {
    if (this.#regions.has(name)) this.#strays += 1;
    else this.#regions.set(name, { cancelled: false, running: new Map() });
  }

  #cancelAll(name: string): void {
    const region = this.#regions.get(name);
    if (region === undefined) this.#strays += 1;
    else region.cancelled = true;
  }

  #close(name: string): void {
    const region = this.#regions.get(name);
    if (region === undefined) {
      this.#strays += 1;
      return;
    }
    this.#regions.delete(name);
    this.#unfinished += region.running.size;
    for (const [task, told] of region.running) {
      if (told || region.cancelled) this.#undrained += 1;
      this.#homes.set(task, null);
    }
  }

  #spawn(task: string, name: string): void {
    const region = this.#regions.get(name);
    if (region === undefined || this.#homes.has(task)) {
      this.#strays += 1;
      return;
    }
    region.running.set(task, false);
    this.#homes.set(task, region);
  }

  /** A task that ends after its region was counted there. */
  #complete(task: string): void {
    const home = this.#homes.get(task);
    if (home === undefined) this.#strays += 1;
    else home?.running.delete(task);
    this.#homes.delete(task);
  }
}
