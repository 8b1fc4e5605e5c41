/** Node's timers know no longer time than this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Tells when nothing has moved for a while. One phase at a time. */
export class Watchdog {
  readonly #onStill: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #touches = 0;

  constructor(onStill: (message: string) => void) {
    this.#onStill = onStill;
  }

  /** Begins a phase that may stand still for `limitMs`; `message` says what did not happen. */
  watch(limitMs: number, message: string): void {
    this.stop();
    this.#timer = setTimeout(() => this.#doubt(message), Math.min(limitMs, MAX_TIMER_MS));
  }

  touch(): void {
    this.#touches += 1;
    this.#timer?.refresh();
  }

  stop(): void {
    this.#touches += 1;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  // Timers run before sockets are read: after a blocked event loop the bytes may be there already.
  #doubt(message: string): void {
    const touches = this.#touches;
    setImmediate(() => {
      if (touches === this.#touches) this.#onStill(message);
    });
  }
}
