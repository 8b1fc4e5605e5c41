import type { EmitTransfer } from "../evidence/transfer-events.ts";

// Tasks that end together. Nobody leaves a region while one of its tasks still runs: a cancelled task is told
// to stop, and then waited for. The first failure cancels all the others.

export interface Task<T> {
  readonly result: Promise<T>;
  /** Tells it to stop; it ends when it has. */
  cancel(why: string): void;
}

/** A task whose end is told by a call, and not by a promise. */
export interface OpenTask {
  readonly signal: AbortSignal;
  /** The controller of its signal: it may stop itself. */
  readonly own: AbortController;
  /** It was told to stop. */
  readonly cancelled: boolean;
  cancel(why: string): void;
  /** Exactly once. */
  end(outcome: Outcome): void;
}

type Outcome = "ok" | "failed" | "cancelled";

/** A task that has not ended. */
class Running implements OpenTask {
  readonly task: string;
  readonly own: AbortController = new AbortController();
  readonly signal: AbortSignal = this.own.signal;
  cancelled = false;
  private readonly region: Region;

  constructor(region: Region, task: string) {
    this.region = region;
    this.task = task;
  }

  cancel(why: string): void {
    this.region.cancelTask(this, why);
  }

  end(outcome: Outcome): void {
    this.region.endTask(this, outcome);
  }
}

const nothing = (): undefined => undefined;

export class Region {
  readonly #emit: EmitTransfer;
  readonly #name: string;
  readonly #running = new Set<Running>();
  readonly #outer: AbortSignal;
  #count = 0;
  #cancelled = false;
  #failure: { readonly error: unknown } | null = null;
  /** Wakes whoever closes the region when its last task has ended. */
  #onEmpty: () => void = nothing;

  /** An abort of `outer` cancels the region. */
  constructor(emit: EmitTransfer, name: string, outer: AbortSignal) {
    this.#emit = emit;
    this.#name = name;
    this.#outer = outer;
    emit("region_created", { region: name });
    outer.addEventListener("abort", this);
    if (outer.aborted) this.handleEvent();
  }

  /** The outer signal was aborted. A closure of each region's own would outlive many a collection of its memory. */
  handleEvent(): void {
    this.#fail(this.#outer.reason);
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /**
   * Starts a task. Its failure cancels the region, unless it is `contained`: then whoever awaits it decides.
   * The task may also stop itself, by the controller of its signal. `work` may not throw: its promise says all.
   */
  spawn<T>(
    name: string,
    work: (signal: AbortSignal, own: AbortController) => Promise<T>,
    { contained = false }: { readonly contained?: boolean } = {},
  ): Task<T> {
    const running = this.open(name);
    // Two callbacks, and no function that awaits.
    const result = work(running.signal, running.own).then(
      (value) => {
        running.end("ok");
        return value;
      },
      (error: unknown) => {
        // Asked before the region's failure cancels this task as well.
        const outcome = running.cancelled ? "cancelled" : "failed";
        if (!contained && !running.cancelled) this.#fail(error);
        running.end(outcome);
        throw error;
      },
    );
    // A failure that the region tells of needs nobody else.
    if (!contained) result.catch(nothing);
    return { result, cancel: (why) => running.cancel(why) };
  }

  /** A task that is contained, and says itself when it ends: every chunk has one, and a promise less counts. */
  open(name: string): OpenTask {
    const task = `${this.#name}/${++this.#count} ${name}`;
    this.#emit("spawn", { task, region: this.#name });
    const running = new Running(this, task);
    this.#running.add(running);
    if (this.#cancelled) this.#stop(running, "region cancelled", this.#reason("region cancelled"));
    return running;
  }

  /** Tells every task to stop. */
  cancel(why: string): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#emit("region_cancelled", { region: this.#name, why });
    const reason = this.#reason(why);
    for (const running of this.#running) this.#stop(running, why, reason);
  }

  /** Waits for every task, then throws the first failure there was. */
  async close(): Promise<void> {
    this.#emit("region_close_begin", { region: this.#name });
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    this.#outer.removeEventListener("abort", this);
    this.#emit("region_close_complete", { region: this.#name });
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** For the task itself. */
  endTask(running: Running, outcome: Outcome): void {
    if (!this.#running.delete(running)) throw new Error(`${running.task} ended twice`);
    this.#emit("complete", { task: running.task, outcome });
    if (this.#running.size === 0) this.#onEmpty();
  }

  /** For the task itself. */
  cancelTask(running: Running, why: string): void {
    if (this.#running.has(running)) this.#stop(running, why, this.#reason(why));
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.cancel(error instanceof Error ? error.name : "failed");
  }

  #reason(why: string): unknown {
    return this.#failure?.error ?? new Cancelled(why);
  }

  #stop(running: Running, why: string, reason: unknown): void {
    if (running.cancelled) return;
    running.cancelled = true;
    this.#emit("cancel", { task: running.task, why });
    running.own.abort(reason);
  }
}

/** A task was told to stop, and nothing is wrong. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";

  constructor(why: string) {
    // Where it was made says nothing, and to find that out takes longer than all else that a cancel does.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(why);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
