import type { Task } from "../region.ts";
import type { ChunkOutcome } from "../source.ts";
import type { Job } from "./job.ts";
import type { Path } from "./path.ts";

/** A chunk on its way by the path that has it. */
export interface Flight {
  readonly job: Job;
  readonly index: number;
  readonly path: Path;
  readonly generation: number;
  readonly startedMs: number;
  task: Task<ChunkOutcome> | null;
  /** Resolves when its own path has done with it, either way. */
  ended: Promise<void>;
  /** Another path fetches the same chunk into a spare. */
  racer: Task<ChunkOutcome> | null;
  /** Some path races it, or prepares to. */
  raced: boolean;
  /** Its own path has given up, and what becomes of the chunk is the racer's business. */
  handedOver: boolean;
}

export function isLostRace(error: unknown): boolean {
  return error instanceof Error && error.name === "Cancelled";
}

export function whyOf(outcome: ChunkOutcome): string {
  if (outcome.kind === "got") return "the blob started again meanwhile";
  return outcome.kind === "no-ranges" ? "no range support" : outcome.why;
}
