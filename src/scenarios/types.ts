import type { SimOptions } from "../sim/sim.ts";
import type { Stage } from "./stage.ts";
import type { Params } from "./run-types.ts";

/** A story in the simulated world that the real store and transfer code plays, with what must hold in it. */
export interface Scenario {
  readonly name: string;
  /** One sentence. */
  readonly title: string;
  /** What no run may break, in plain words. */
  readonly invariants: readonly string[];
  /** Every parameter with its usual value; a run may be asked for others. */
  readonly params: Params;
  /** Sets the stage, plays, and looks at what is left. What is wrong is told to the stage. */
  readonly play: (stage: Stage) => Promise<void>;
  /** How it is staged: faults, disk, restarts. */
  readonly setting: (params: Params) => StageSetting;
}

export type StageSetting = Omit<SimOptions, "choices" | "sha256">;
