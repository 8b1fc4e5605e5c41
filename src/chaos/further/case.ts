import type { Shot, Worker } from "../sweep/bench.ts";
import type { TraceFault } from "../sweep/syscalls.ts";
import type { Task } from "../sweep/task.ts";
import { judgeShot, type Terms, type Trial } from "../sweep/trial.ts";

/** One case of a further fault, such as one descriptor limit. */
export interface Case {
  /** The fault's name, such as `fd-limit`. */
  readonly name: string;
  /** The fault in a few words. */
  readonly title: string;
  /** Which case, such as `4`; empty where there is one only. */
  readonly which: string;
  readonly reproduce: string;
  /** Makes the slot ready. */
  prepare?(worker: Worker): Promise<void>;
  line(worker: Worker): string;
  /** The log is read for these. */
  readonly watch?: TraceFault;
  /** How the run is judged; what is not said is as for an injected error. */
  terms(done: Shot, worker: Worker): Partial<Terms> & Pick<Terms, "proof">;
}

/** The task of one case. */
export function caseTask(each: Case, rank: number, plain: (worker: Worker) => string): Task {
  const { name, title, which } = each;
  return {
    id: which === "" ? name : `${name}:${which}`,
    text: which === "" ? title : `${title}, ${which}`,
    group: name,
    fault: title,
    call: null,
    role: "",
    single: true,
    rank,
    further: name,
    reproduce: each.reproduce,
    async run(worker): Promise<Trial> {
      await each.prepare?.(worker);
      const done = await worker.shoot(each.line(worker), each.watch ?? null);
      return judgeShot(worker, done, {
        injected: true,
        fault: "other",
        stdoutCounts: worker.slot.outputPath === null,
        recovery: plain(worker),
        ...each.terms(done, worker),
      });
    },
  };
}
