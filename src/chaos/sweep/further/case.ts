import type { Reason } from "../../../contracts/types.ts";
import type { Shot, Worker } from "../bench.ts";
import type { TraceFault } from "../syscalls.ts";
import type { Task } from "../task.ts";
import { judgeShot, type Terms, type Trial } from "../trial.ts";

/** One case of a further fault, such as one descriptor limit. */
export interface Case {
  /** The fault's name, such as `fd-limit`. */
  readonly name: string;
  /** The fault in a few words. */
  readonly title: string;
  /** Which case, such as `4`; empty where there is one only. */
  readonly which: string;
  readonly reproduce: string;
  /** Makes the slot ready; says why where the host does not allow it. */
  prepare?(worker: Worker): Promise<Reason | null>;
  line(worker: Worker): string;
  /** The log is read for these. */
  readonly watch?: TraceFault;
  finish?(worker: Worker): Promise<void>;
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
      const refused = (await each.prepare?.(worker)) ?? null;
      if (refused !== null) return notTried(refused);
      const done = await shoot(each, worker);
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

async function shoot(each: Case, worker: Worker): Promise<Shot> {
  try {
    return await worker.shoot(each.line(worker), each.watch ?? null);
  } finally {
    await each.finish?.(worker);
  }
}

function notTried(reason: Reason): Trial {
  return {
    proof: null,
    exitCode: null,
    happened: "not tried",
    verdicts: [],
    failures: [],
    unclear: reason,
    stderr: "",
  };
}

export const NO_NAMESPACE: Reason = {
  code: "no-namespace",
  remedy: "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1",
};
