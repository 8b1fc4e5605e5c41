import type { Clean } from "../sweep/bench.ts";
import type { Lines } from "../sweep/lines.ts";
import type { SweepReproduction } from "../sweep/reproduce.ts";
import type { Stage } from "../sweep/stage.ts";

/** What the further faults are made from. */
export interface Ground {
  readonly lines: Lines;
  readonly reproduction: SweepReproduction;
  readonly clean: Clean;
  readonly stage: Stage;
}
