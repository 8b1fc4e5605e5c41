import type { JsonObject } from "../base/json.ts";
import { TraceBuffer } from "../evidence/trace.ts";
import type { EmitTransfer } from "../evidence/transfer-events.ts";
import { kindNumber } from "../sim/choices.ts";
import type { Ended } from "../sim/process.ts";
import type { Sim, SimProcess } from "../sim/sim.ts";
import type { Params, ProcessTrace, SimViolation } from "./run-types.ts";

const STORY: number = kindNumber("story");
/** Beyond these a run is broken in one way or another; the rest only fills memory. */
const MAX_VIOLATIONS = 100;

/** One process that plays a part, while it runs and afterwards. */
export interface Part {
  readonly started: SimProcess;
  readonly trace: TraceBuffer;
  readonly emit: EmitTransfer;
  /** Its number in this run, from 1. */
  readonly number: number;
}

/** What a scenario plays on: the world, and where it tells what it saw. */
export class Stage {
  readonly sim: Sim;
  readonly params: Params;
  readonly #traces: { readonly what: string; readonly trace: TraceBuffer }[] = [];
  readonly #violations: SimViolation[] = [];
  readonly #seen: Record<string, JsonObject[string]> = {};
  /** The last event of any process: what the engine was doing when a fault hit. */
  #doing = "start";

  constructor(sim: Sim, params: Params) {
    this.sim = sim;
    this.params = params;
    sim.coverage.state = () => this.#doing;
  }

  /** One of so many ways in which the story may go on: a choice, 0 being the plainest. */
  choose(count: number): number {
    return this.sim.chooser.below(STORY, count);
  }

  /** Nothing has gone wrong in this run until now. */
  get untouched(): boolean {
    return this.sim.coverage.counts.size === 0;
  }

  /** True when one of these faults has hit. */
  wasHit(...faults: readonly string[]): boolean {
    return faults.some((fault) => this.sim.coverage.counts.has(fault));
  }

  /** A parameter, which must be one of the scenario's own. */
  param(name: string): number {
    const value = this.params[name];
    if (value === undefined) throw new RangeError(`the scenario has no parameter ${name}`);
    return value;
  }

  /** Starts a process with a trace of its own. */
  start(what: string): Part {
    const started = this.sim.start();
    const trace = new TraceBuffer(started.world.clock);
    this.#traces.push({ what, trace });
    return {
      started,
      trace,
      emit: (kind, data) => {
        this.#doing = kind;
        trace.emit(kind, data);
      },
      number: this.#traces.length,
    };
  }

  /** Runs a program in a process that leaves no trace of its own. */
  run<T>(main: (started: SimProcess) => Promise<T>): Promise<Ended<T>> {
    const started = this.sim.start();
    return started.process.run(() => main(started));
  }

  /** Tells that an invariant is broken. */
  broken(type: string, detail: string, process: number | null = null): void {
    if (this.#violations.length < MAX_VIOLATIONS) this.#violations.push({ type, detail, process });
  }

  /** Notes plain data for whoever looks at the run later. */
  saw(name: string, data: JsonObject[string]): void {
    this.#seen[name] = data;
  }

  get traces(): readonly ProcessTrace[] {
    return this.#traces.map(({ trace, what }, index) => ({
      process: index + 1,
      what,
      events: trace.events,
    }));
  }

  get violations(): readonly SimViolation[] {
    return this.#violations;
  }

  get observations(): JsonObject {
    return this.#seen;
  }
}
