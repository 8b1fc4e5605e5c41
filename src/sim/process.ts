import type { Owner } from "./scheduler.ts";

/** How a process ended. */
export type Ended<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown }
  /** By a signal, or with its machine. */
  | { readonly kind: "killed" };

/** One process of the simulated machine. Once it is dead, none of its calls ever comes back. */
export class Process implements Owner {
  readonly pid: number;
  alive = true;
  /** What the system takes back when it ends. */
  readonly held = new Set<{ release(): void }>();
  readonly #onEnd = new Set<() => void>();

  constructor(pid: number) {
    this.pid = pid;
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#release();
    for (const tell of this.#onEnd) tell();
    this.#onEnd.clear();
  }

  /** Runs a program in it, to its end. The process is over then. */
  run<T>(main: () => Promise<T>): Promise<Ended<T>> {
    return new Promise((resolve) => {
      const killed = (): void => resolve({ kind: "killed" });
      if (!this.alive) return killed();
      this.#onEnd.add(killed);
      const over = (ended: Ended<T>): void => {
        if (!this.alive) return;
        this.#onEnd.delete(killed);
        this.alive = false;
        this.#release();
        resolve(ended);
      };
      main().then(
        (value) => over({ kind: "done", value }),
        (error: unknown) => over({ kind: "failed", error }),
      );
    });
  }

  #release(): void {
    for (const each of [...this.held]) each.release();
  }
}
