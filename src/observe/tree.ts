import type { World } from "../world/world.ts";

/** Environment variable that marks every process of one run, also those that leave its session. */
export const RUN_MARK = "APR_RUN_MARK";

export interface Member {
  readonly pid: number;
  readonly name: string;
}

/** The processes of one run: descendants of its root, and orphans that left it. */
export class ProcessTree {
  readonly #world: World;
  readonly root: number;
  readonly #mark: string;
  readonly #inhabits: (pid: number) => boolean;
  readonly #orphans = new Set<number>();

  /** `inhabits` recognizes a process that left both its session and its environment behind. */
  constructor(world: World, root: number, mark: string, inhabits: (pid: number) => boolean = () => false) {
    this.#world = world;
    this.root = root;
    this.#mark = mark;
    this.#inhabits = inhabits;
  }

  /** Living members, the root first. Cheap: follows the kernel's lists of children. */
  members(): number[] {
    this.#collectAdopted();
    const found = new Set<number>();
    const queue = [this.root, ...this.#orphans];
    for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
      if (found.has(pid)) continue;
      found.add(pid);
      queue.push(...this.#world.processes.children(pid));
    }
    return [...found].filter((pid) => this.#alive(pid));
  }

  /** Like `members`, but looks through every process of the machine: nothing that still carries the mark is missed. */
  search(): number[] {
    for (const pid of this.#world.processes.all()) {
      if (!this.#orphans.has(pid) && this.#belongs(pid)) this.#orphans.add(pid);
    }
    return this.members();
  }

  named(pids: readonly number[]): Member[] {
    return pids.map((pid) => ({ pid, name: this.#world.processes.facts(pid)?.name ?? "" }));
  }

  /** Kills every member until none is left. Each round is bounded; a process in the kernel may outlive them all. */
  async kill(): Promise<readonly number[]> {
    const rounds = 200;
    for (let round = 0; round < rounds; round++) {
      this.#world.processes.signal(-this.root, "SIGKILL");
      const left = this.search();
      if (left.length === 0) break;
      for (const pid of left) this.#world.processes.signal(pid, "SIGKILL");
      await this.#world.timers.sleep(round < 20 ? 2 : 20);
    }
    for (const pid of this.#orphans) this.#world.processes.reap(pid);
    return this.members();
  }

  #collectAdopted(): void {
    for (const pid of this.#world.processes.adopted()) {
      // Asked anew each time: while a process executes a new program it shows no environment at all.
      if (!this.#orphans.has(pid) && this.#belongs(pid)) this.#orphans.add(pid);
    }
    for (const pid of this.#orphans) {
      if (this.#world.processes.facts(pid)?.zombie === true) this.#world.processes.reap(pid);
    }
  }

  #belongs(pid: number): boolean {
    const { processes } = this.#world;
    if (pid === this.root) return false;
    return (
      processes.sessionOf(pid) === this.root ||
      processes.hasVariable(pid, RUN_MARK, this.#mark) ||
      this.#inhabits(pid)
    );
  }

  #alive(pid: number): boolean {
    const facts = this.#world.processes.facts(pid);
    return facts !== undefined && !facts.zombie;
  }
}
