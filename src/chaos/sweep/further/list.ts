import type { Clean } from "../bench.ts";
import type { Lines } from "../lines.ts";
import type { SweepReproduction } from "../reproduce.ts";
import type { Stage } from "../stage.ts";
import type { Task } from "../task.ts";

/** What the further faults are made from. */
export interface Ground {
  readonly lines: Lines;
  readonly reproduction: SweepReproduction;
  readonly clean: Clean;
  readonly stage: Stage;
}

/** Every further fault, each with its cases. */
export function furtherTasks(_ground: Ground): readonly Task[] {
  return [];
}
