// Node's AbortController costs microseconds to make and more to abort: half of a simulated pull. While a scenario
// runs, nothing but the scenario runs in this thread, so a plain one takes its place, and goes away afterwards.
// It keeps to the standard in what the interfaces of the world use: one state, one reason, listeners in order.

type Heard = ((event: Event) => void) | { handleEvent(event: Event): void };

class PlainSignal {
  aborted = false;
  #reason: unknown;
  #reasonless = false;
  // Most signals have at most one listener at a time.
  #first: Heard | null = null;
  #others: Heard[] | null = null;

  get reason(): unknown {
    if (this.#reasonless) {
      this.#reasonless = false;
      this.#reason = new DOMException("This operation was aborted", "AbortError");
    }
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  addEventListener(type: string, heard: Heard | null): void {
    if (type !== "abort" || heard === null || this.aborted) return;
    if (this.#first === null && this.#others === null) this.#first = heard;
    else if (this.#first !== heard && this.#others?.includes(heard) !== true) {
      this.#others ??= [];
      this.#others.push(heard);
    }
  }

  removeEventListener(_type: string, heard: Heard | null): void {
    if (this.#first === heard) {
      this.#first = this.#others?.shift() ?? null;
      if (this.#others?.length === 0) this.#others = null;
      return;
    }
    const at = heard === null ? -1 : (this.#others?.indexOf(heard) ?? -1);
    if (at === -1) return;
    this.#others?.splice(at, 1);
    if (this.#others?.length === 0) this.#others = null;
  }

  /** For its controller alone. */
  end(hasReason: boolean, reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.#reason = reason;
    this.#reasonless = !hasReason;
    if (this.#first === null) return;
    const heard = [this.#first, ...(this.#others ?? [])];
    this.#first = null;
    this.#others = null;
    for (const each of heard) {
      if (typeof each === "function") each(EVENT as unknown as Event);
      else each.handleEvent(EVENT as unknown as Event);
    }
  }
}

const EVENT = { type: "abort" };

class PlainController {
  readonly signal: PlainSignal = new PlainSignal();

  abort(reason?: unknown): void {
    this.signal.end(reason !== undefined, reason);
  }
}

let users = 0;
let before: typeof AbortController = AbortController;

/** Takes the place of the global one until as many calls of `end` have been made. */
export function beginPlainSignals(): void {
  users += 1;
  if (users > 1) return;
  before = globalThis.AbortController;
  globalThis.AbortController = PlainController as unknown as typeof AbortController;
}

export function endPlainSignals(): void {
  users -= 1;
  if (users === 0) globalThis.AbortController = before;
}
