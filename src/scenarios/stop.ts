import { AprError } from "../base/errors.ts";
import type { Ended } from "../sim/process.ts";
import type { Part, Stage } from "./stage.ts";

/** As contract `apr-qa-chaos-v1` wants it of any command. */
const STOPS_WITHIN_MS = 2000;

/** A Ctrl-C that may come. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Judges how the process ended after it. */
  judge(part: Part, ended: Ended<unknown>): void;
}

/** Plans a stop within so many steps from now: a choice. */
export function mayStop(stage: Stage, withinSteps: number): Stop {
  const { sim } = stage;
  const stop = new AbortController();
  let atUs = Number.POSITIVE_INFINITY;
  sim.may(withinSteps, () => {
    sim.coverage.hit("cancel");
    atUs = sim.scheduler.nowUs;
    stop.abort(new AprError("interrupted", "stopped by the story"));
  });
  return {
    signal: stop.signal,
    judge(part, ended) {
      if (!stop.signal.aborted || ended.kind === "killed") return;
      const tookMs = (sim.scheduler.nowUs - atUs) / 1000;
      if (tookMs > STOPS_WITHIN_MS) stage.broken("slow_stop", `${tookMs} ms after the stop`, part.number);
      if (ended.kind !== "failed") return;
      // A source that fails, or damage that is seen, at the same moment may be told instead.
      const kind = ended.error instanceof AprError ? ended.error.kind : "unexpected";
      const mayBeTold = kind === "network" || (kind === "malformed" && stage.wasHit("disk damage"));
      if (kind !== "interrupted" && !mayBeTold) stage.broken("untold_stop", String(ended.error), part.number);
    },
  };
}
