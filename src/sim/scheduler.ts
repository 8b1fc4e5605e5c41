import { type Chooser, kindNumber } from "./choices.ts";

// Every call of the world parks here until its virtual time has come. One is resolved at a time; then everything
// that waited for it runs (microtasks), and only then comes the next.

/** Whose call it is: those of a dead process are dropped. */
export interface Owner {
  readonly alive: boolean;
}

const ORDER: number = kindNumber("order");
/** Looked up once: the global name is a getter. */
// oxlint-disable-next-line typescript/unbound-method -- it asks for no `this`, and a bound one is slower
const nextTick = process.nextTick;
/** How many places a call can be late: enough to turn any two neighbours around. */
const ORDERS = 16;
const MAX_NAMED = 12;

/** What planned work returns when it has woken nobody: the next step may come at once. */
export const QUIET = "quiet";

class Parked {
  readonly dueUs: number;
  readonly seq: number;
  readonly name: string;
  readonly owner: Owner;
  cancelled = false;
  private readonly work: () => unknown;
  /** Null where nobody waits for the outcome. */
  private readonly resolve: ((value: never) => void) | null;
  private readonly reject: ((error: unknown) => void) | null;

  constructor(
    dueUs: number,
    seq: number,
    name: string,
    owner: Owner,
    work: () => unknown,
    resolve: ((value: never) => void) | null,
    reject: ((error: unknown) => void) | null,
  ) {
    this.dueUs = dueUs;
    this.seq = seq;
    this.name = name;
    this.owner = owner;
    this.work = work;
    this.resolve = resolve;
    this.reject = reject;
  }

  /** True when it may have woken somebody. */
  run(): boolean {
    if (this.reject === null) return this.work() !== QUIET;
    try {
      this.resolve?.(this.work() as never);
    } catch (error) {
      this.reject(error);
    }
    return true;
  }
}

/** Something that will happen unless it is called off. */
export interface Planned {
  cancelled: boolean;
}

/** Nobody can go on: everything waits for something that no call of the world will bring. */
export class Deadlock extends Error {
  override readonly name = "Deadlock";
  readonly recent: readonly string[];

  constructor(step: number, waiting: readonly string[], recent: readonly string[]) {
    const nothing =
      waiting.length === 0 ? "no call of the world is under way" : `waiting: ${waiting.join(", ")}`;
    super(`deadlock after ${step} steps: ${nothing}; the last calls were ${recent.join(", ")}`);
    this.recent = recent;
  }
}

export class StepLimit extends Error {
  override readonly name = "StepLimit";
}

export class Scheduler {
  nowUs = 0;
  steps = 0;
  /** A hash of which call came when: equal runs have equal ones. */
  fingerprint = 0x811c9dc5 | 0;
  /** Called before each step. True when it has done something that others must hear of first. */
  beforeStep: ((step: number) => boolean) | null = null;
  readonly #chooser: Chooser;
  readonly #maxSteps: number;
  readonly #heap: Parked[] = [];
  /** Calls that will only end when something else happens. */
  readonly #waiting = new Map<object, string>();
  readonly #recent: string[] = [];
  #seq = 0;

  constructor(chooser: Chooser, maxSteps: number) {
    this.#chooser = chooser;
    this.#maxSteps = maxSteps;
  }

  /** Does `work` about `costUs` later. The order among calls of the same time is a choice. */
  park<T>(owner: Owner, name: string, costUs: number, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!owner.alive) return;
      const dueUs = this.#dueUs(costUs);
      this.#push(new Parked(dueUs, ++this.#seq, name, owner, work, resolve, reject));
    });
  }

  /** The same without a promise. `run` returns QUIET when it has woken nobody. */
  plan(owner: Owner, name: string, costUs: number, run: () => unknown): Planned {
    return this.at(this.#dueUs(costUs), owner, name, run);
  }

  /** At that very time. */
  at(dueUs: number, owner: Owner, name: string, run: () => unknown): Planned {
    const parked = new Parked(dueUs, ++this.#seq, name, owner, run, null, null);
    if (owner.alive) this.#push(parked);
    return parked;
  }

  #dueUs(costUs: number): number {
    const late = this.#chooser.below(ORDER, ORDERS);
    return this.nowUs + costUs + late * ((costUs >> 3) + 1);
  }

  /** Notes what waits without a time, for whoever has to find out why nothing goes on. */
  waits(key: object, name: string | null): void {
    if (name === null) this.#waiting.delete(key);
    else this.#waiting.set(key, name);
  }

  /** Calls that are under way now. */
  pending(): readonly string[] {
    return this.#heap.filter((each) => !each.cancelled && each.owner.alive).map(({ name }) => name);
  }

  /** Runs until `main` has settled. Rejects with Deadlock, StepLimit, or what `main` throws. */
  drive<T>(main: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject: (error: Error) => void) => {
      let settled = false;
      const turned = Promise.resolve();
      // Microtasks run when the queue of ticks is empty: the next tick is asked for in a microtask, so that all
      // that a step has set off comes before it.
      const again = (): void => nextTick(tick);
      const tick = (): void => {
        if (settled) return;
        try {
          // What has woken nobody leaves nothing to wait for.
          while (!this.#step());
        } catch (error) {
          settled = true;
          reject(error as Error);
          return;
        }
        turned.then(again, reject);
      };
      main().then(
        (value) => {
          settled = true;
          resolve(value);
        },
        (error: unknown) => {
          settled = true;
          reject(error as Error);
        },
      );
      turned.then(again, reject);
    });
  }

  /** True when somebody may have been woken. */
  #step(): boolean {
    if (this.beforeStep !== null && this.beforeStep(this.steps)) return true;
    const next = this.#pop();
    if (next === null)
      throw new Deadlock(this.steps, [...this.#waiting.values()].slice(0, MAX_NAMED), this.#last());
    if (++this.steps > this.#maxSteps) {
      throw new StepLimit(
        `more than ${this.#maxSteps} steps; the last calls were ${this.#last().join(", ")}`,
      );
    }
    if (next.dueUs > this.nowUs) this.nowUs = next.dueUs;
    this.#recent[this.steps % MAX_NAMED] = next.name;
    this.fingerprint = Math.imul(this.fingerprint ^ next.seq ^ (this.nowUs | 0), 0x01000193);
    return next.run();
  }

  #last(): string[] {
    const from = (this.steps % MAX_NAMED) + 1;
    return [...this.#recent.slice(from), ...this.#recent.slice(0, from)];
  }

  #push(parked: Parked): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(parked);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const above = heap[up];
      if (above === undefined || before(above, parked)) break;
      heap[at] = above;
      at = up;
    }
    heap[at] = parked;
  }

  /** The first that still counts. */
  #pop(): Parked | null {
    for (;;) {
      const first = this.#heap[0];
      const last = this.#heap.pop();
      if (first === undefined || last === undefined) return null;
      if (last !== first) this.#sink(last);
      if (!first.cancelled && first.owner.alive) return first;
    }
  }

  #sink(parked: Parked): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      let below = heap[down];
      if (below === undefined) break;
      const other = heap[down + 1];
      if (other !== undefined && before(other, below)) {
        down += 1;
        below = other;
      }
      if (before(parked, below)) break;
      heap[at] = below;
      at = down;
    }
    heap[at] = parked;
  }
}

function before(a: Parked, b: Parked): boolean {
  return a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.seq < b.seq);
}
