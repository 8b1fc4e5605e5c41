import type { Clock, Timers } from "../world/clock.ts";
import type { Files } from "../world/files.ts";
import type { Hash } from "../world/hash.ts";
import type { Net } from "../world/net.ts";
import type { Processes } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import { type Choice, Chooser, kindNumber } from "./choices.ts";
import { Coverage } from "./coverage.ts";
import type { DigestMemo, Sha256 } from "./digest.ts";
import { digestOfRuns } from "./digest.ts";
import type { Run } from "./data.ts";
import { Disk, type DiskOptions } from "./disk.ts";
import { type FaultPlan, NO_FAULTS } from "./faults.ts";
import { SimFiles } from "./files.ts";
import { SimHash } from "./hash.ts";
import type { Machine } from "./machine.ts";
import { SimNet, SimNetwork } from "./net.ts";
import { Process } from "./process.ts";
import { SimRandom } from "./random.ts";
import { Scheduler } from "./scheduler.ts";
import { beginPlainSignals, endPlainSignals } from "./signals.ts";
import { SimTimers } from "./timers.ts";

/** What store and transfer code takes as its world. */
export interface SimWorld extends Pick<World, "clock" | "timers" | "files" | "hash" | "random" | "host"> {
  readonly timers: Timers;
  readonly files: Files;
  readonly hash: Hash;
  readonly net: Net;
  readonly processes: Pick<Processes, "isAlive">;
}

export interface SimOptions {
  /** A seed of 64 bits, or the choices of an earlier run. */
  readonly choices: bigint | readonly Choice[];
  /** The true one; the simulated world has no way to compute it. */
  readonly sha256: Sha256;
  readonly faults?: FaultPlan;
  readonly disk?: DiskOptions;
  readonly maxSteps?: number;
  /** Process numbers begin again after a restart, as in containers. */
  readonly samePids?: boolean;
}

const MAX_STEPS = 1_000_000;
const FIRST_PID = 101;
const CRASH: number = kindNumber("crash");
const KILL: number = kindNumber("kill");
const KILL_TIMES = 32;
/** 2024-01-01: an arbitrary start of the wall clock. */
const START_MS = 1_704_067_200_000;

/** Digests of whole contents are the same in every world. */
const MEMO: DigestMemo = new Map();

/** One process, and the world as it sees it. */
export interface SimProcess {
  readonly process: Process;
  readonly world: SimWorld;
}

/** A machine and a network, made from a seed. */
export class Sim {
  readonly coverage: Coverage = new Coverage();
  readonly disk: Disk;
  readonly net: SimNetwork;
  readonly scheduler: Scheduler;
  readonly #chooser: Chooser;
  readonly #machine: Machine;
  readonly #samePids: boolean;
  readonly #running = new Map<number, Process>();
  #wallOffsetMs = START_MS;
  #boot = 1;
  #lastPid = FIRST_PID - 1;
  readonly #due: { readonly step: number; readonly stop: () => void }[] = [];

  constructor(options: SimOptions) {
    const {
      choices,
      disk = {},
      faults = NO_FAULTS,
      maxSteps = MAX_STEPS,
      samePids = false,
      sha256,
    } = options;
    this.#chooser = new Chooser(choices);
    this.#samePids = samePids;
    this.scheduler = new Scheduler(this.#chooser, maxSteps);
    const now = (): number => this.#wallOffsetMs * 1000 + this.scheduler.nowUs;
    this.disk = new Disk(disk, faults.disk, this.#chooser, this.coverage, now);
    this.net = new SimNetwork(faults.net);
    const { coverage, scheduler } = this;
    const chooser = this.#chooser;
    this.#machine = { scheduler, chooser, coverage, disk: this.disk, sha256, memo: MEMO };
  }

  /** Every decision so far that was not the harmless one. */
  get choices(): readonly Choice[] {
    return this.#chooser.list();
  }

  get chooser(): Chooser {
    return this.#chooser;
  }

  /** Equal for equal runs: which call came when. */
  get fingerprint(): number {
    return this.scheduler.fingerprint >>> 0;
  }

  wallMs(): number {
    return this.#wallOffsetMs + this.scheduler.nowUs / 1000;
  }

  /** The wall clock is set anew; the monotonic one goes on. */
  setWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Runs a scenario to its end. Rejects with Deadlock or StepLimit when it has none. */
  run<T>(scenario: () => Promise<T>): Promise<T> {
    beginPlainSignals();
    return this.scheduler.drive(scenario).finally(endPlainSignals);
  }

  /** Starts a process. */
  start(): SimProcess {
    this.#lastPid += 1;
    const process = new Process(this.#lastPid);
    this.#running.set(process.pid, process);
    return { process, world: this.#worldOf(process) };
  }

  /** The machine stops now: its processes are dead, and only the medium is left. It has restarted when this returns. */
  crash(): void {
    for (const process of this.#running.values()) process.kill();
    this.#running.clear();
    this.disk.crash();
    this.#boot += 1;
    if (this.#samePids) this.#lastPid = FIRST_PID - 1;
  }

  /** An orderly restart: everything is written first. */
  restart(): void {
    this.disk.syncAll();
    this.crash();
  }

  /** The machine may stop within so many steps from now: a choice. */
  mayCrash(withinSteps: number): void {
    this.#plan(CRASH, withinSteps, () => {
      this.coverage.hit("crash");
      this.crash();
    });
  }

  /** A process may be killed within so many steps from now: a choice. */
  mayKill(process: Process, withinSteps: number): void {
    this.#plan(KILL, withinSteps, () => {
      if (!process.alive) return;
      this.coverage.hit("kill");
      process.kill();
    });
  }

  /** A process may be killed within so much of the world's time: likelier in the middle of what takes long. */
  mayKillWithin(process: Process, us: number): void {
    const after = this.#chooser.below(KILL, KILL_TIMES + 1);
    if (after === 0) return;
    const dueUs = this.scheduler.nowUs + Math.ceil((after * us) / KILL_TIMES);
    this.scheduler.at(dueUs, process, "kill", () => {
      this.coverage.hit("kill");
      process.kill();
    });
  }

  /** From now on nothing fails any more, and what was planned does not come; hosts that were lost are back. */
  calm(): void {
    this.disk.calm = true;
    for (const host of this.net.hosts.values()) {
      host.calm = true;
      host.dead = false;
      host.unreachableUntilUs = 0;
    }
    this.#due.length = 0;
  }

  /** Something else that may happen within so many steps: a cancel, a second process. True when it will. */
  may(withinSteps: number, what: () => void): boolean {
    return this.#plan(KILL, withinSteps, what);
  }

  /** The digest that content has in this world: lower-case hex. */
  digestOf(runs: readonly Run[]): string {
    return digestOfRuns(runs, this.#machine.sha256, MEMO);
  }

  #plan(kind: number, withinSteps: number, stop: () => void): boolean {
    const after = this.#chooser.below(kind, withinSteps + 1);
    if (after === 0) return false;
    this.#due.push({ step: this.scheduler.steps + after, stop });
    this.scheduler.beforeStep = (step) => this.#lookAt(step);
    return true;
  }

  #lookAt(step: number): boolean {
    let stopped = false;
    for (let at = this.#due.length - 1; at >= 0; at--) {
      const due = this.#due[at];
      if (due === undefined || step < due.step) continue;
      this.#due.splice(at, 1);
      due.stop();
      stopped = true;
    }
    if (this.#due.length === 0) this.scheduler.beforeStep = null;
    return stopped;
  }

  #worldOf(process: Process): SimWorld {
    const { scheduler } = this;
    const seat = { machine: this.#machine, process };
    const clock: Clock = {
      monotonicMs: () => scheduler.nowUs / 1000,
      wallMs: () => this.wallMs(),
    };
    return {
      clock,
      timers: new SimTimers(scheduler, process),
      files: new SimFiles(seat),
      hash: new SimHash(seat),
      net: new SimNet(seat, this.net),
      random: new SimRandom(this.#chooser),
      processes: { isAlive: (pid) => this.#running.get(pid)?.alive === true },
      host: {
        name: "sim",
        pid: process.pid,
        bootId: `boot-${this.#boot}`,
        platform: "linux",
        uid: 1000,
        gid: 1000,
        cores: 2,
        tempFolder: "/tmp",
      },
    };
  }
}
