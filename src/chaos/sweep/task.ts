import type { Worker } from "./bench.ts";
import type { Lines } from "./lines.ts";
import { type Point, pointId, pointText } from "./point.ts";
import type { SweepReproduction } from "./reproduce.ts";
import { judgeShot, type Trial } from "./trial.ts";

/** One run that is to be made and judged. */
export interface Task {
  /** The same in every run of the same sweep. */
  readonly id: string;
  readonly text: string;
  /** Failures of one class in one group are one finding. */
  readonly group: string;
  readonly fault: string;
  readonly call: string | null;
  readonly role: string;
  /** It needs one injected call only. */
  readonly single: boolean;
  /** Of two that fail alike, the smaller one is shown. */
  readonly rank: number;
  /** The name of a further fault; null for a point. */
  readonly further: string | null;
  readonly reproduce: string;
  run(worker: Worker): Promise<Trial>;
}

const FAULT_WORDS: Readonly<Record<string, string>> = { ENOMEM: "memory", ENOSPC: "disk", EDQUOT: "disk" };

/** The run of one point. */
export function pointTask(
  point: Point,
  lines: Lines,
  reproduction: SweepReproduction,
  outputIsStdout: boolean,
): Task {
  const { fault, call, role, kind, occurrence, sustained } = point;
  return {
    id: pointId(point),
    text: pointText(point),
    // A signal does the same harm before any call; an error is one of its call.
    group: kind === "signal" ? fault : `${call} ${role}`,
    fault,
    call,
    role,
    single: !sustained,
    rank: occurrence + (sustained ? 1_000_000 : 0),
    further: null,
    get reproduce() {
      return reproduction.ofPoint(point);
    },
    async run(worker) {
      // In another thread the same number may be a call on something else: then nothing is shown.
      const own = point.threaded && role !== "memory" && role !== "network" ? worker.slot.folder : null;
      const watched = kind === "error" ? ({ kind, own } as const) : ({ kind, signal: fault } as const);
      const done = await worker.shoot(lines.injected(worker.station, point), watched);
      return judgeShot(worker, done, {
        proof: done.facts?.proof ?? null,
        injected: kind === "error",
        fault: FAULT_WORDS[fault] ?? "other",
        killed: fault === "SIGKILL",
        stdoutCounts: outputIsStdout || role === "stdout",
        recovery: lines.again(worker.station),
      });
    },
  };
}
