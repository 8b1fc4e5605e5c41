import type { Worker } from "./bench.ts";
import type { Task } from "./task.ts";
import type { Trial } from "./trial.ts";

/** A busy machine can stop any program for seconds: a hang counts when it hangs again with this many times the time. */
const PATIENCE = 3;
/** After so many that really hung, nobody waits any more. */
const MAX_CONFIRMED = 2;

/** Tries tasks, and those that hang once more. */
export class Patient {
  #confirmed = 0;

  async try(task: Task, worker: Worker): Promise<Trial> {
    const trial = await task.run(worker);
    if (!hangs(trial) || this.#confirmed >= MAX_CONFIRMED || worker.bench.abort.aborted) return trial;
    worker.patience = PATIENCE;
    try {
      const again = await task.run(worker);
      if (hangs(again)) this.#confirmed++;
      return again;
    } finally {
      worker.patience = 1;
    }
  }
}

function hangs({ failures }: Trial): boolean {
  return failures.some(({ code }) => code === "hang");
}
