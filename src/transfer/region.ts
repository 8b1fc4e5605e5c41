import type { EmitTransfer } from "../evidence/transfer-events.ts";

// Tasks that end together. Nobody leaves a region while one of its tasks still runs: a cancelled task is told
// to stop, and then waited for. The first failure cancels all the others.

export interface Task<T> {
  readonly result: Promise<T>;
  /** Tells it to stop; it ends when it has. */
  cancel(why: string): void;
}

/** A task that has not ended. */
class Running {
  readonly task: string;
  readonly stop: AbortController = new AbortController();
  cancelled = false;

  constructor(task: string) {
    this.task = task;
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
    const task = `${this.#name}/${++this.#count} ${name}`;
    this.#emit("spawn", { task, region: this.#name });
    const running = new Running(task);
    this.#running.add(running);
    if (this.#cancelled) this.#cancelTask(running, "region cancelled");
    const { stop } = running;
    // Two callbacks, and no function that awaits: every chunk has a task.
    const result = work(stop.signal, stop).then(
      (value) => {
        this.#end(running, "ok");
        return value;
      },
      (error: unknown) => {
        // Asked before the region's failure cancels this task as well.
        const outcome = running.cancelled ? "cancelled" : "failed";
        if (!contained && !running.cancelled) this.#fail(error);
        this.#end(running, outcome);
        throw error;
      },
    );
    // A failure that the region tells of needs nobody else.
    if (!contained) result.catch(nothing);
    return { result, cancel: (why) => this.#cancelTask(running, why) };
  }

  /** Tells every task to stop. */
  cancel(why: string): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#emit("region_cancelled", { region: this.#name, why });
    for (const running of this.#running) this.#cancelTask(running, why);
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

  #end(running: Running, outcome: "ok" | "failed" | "cancelled"): void {
    this.#running.delete(running);
    this.#emit("complete", { task: running.task, outcome });
    if (this.#running.size === 0) this.#onEmpty();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.cancel(error instanceof Error ? error.name : "failed");
  }

  #cancelTask(running: Running, why: string): void {
    if (!this.#running.has(running) || running.cancelled) return;
    running.cancelled = true;
    this.#emit("cancel", { task: running.task, why });
    running.stop.abort(this.#failure?.error ?? new Cancelled(why));
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
