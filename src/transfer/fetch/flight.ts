import type { OpenTask, Task } from "../region.ts";
import type { ChunkOutcome } from "../source.ts";
import type { Job } from "./job.ts";
import type { Path } from "./path.ts";

/** A chunk on its way by the path that has it. */
export class Flight {
  readonly job: Job;
  readonly index: number;
  readonly path: Path;
  readonly generation: number;
  readonly startedMs: number;
  task: Pick<OpenTask, "cancel"> | null = null;
  /** Another path fetches the same chunk into a spare. */
  racer: Task<ChunkOutcome> | null = null;
  /** Some path races it, or prepares to. */
  raced = false;
  /** Its own path has given up, and what becomes of the chunk is the racer's business. */
  handedOver = false;
  #over = false;
  #onOver: (() => void) | null = null;

  constructor(job: Job, index: number, path: Path, startedMs: number) {
    this.job = job;
    this.index = index;
    this.path = path;
    this.generation = job.generation;
    this.startedMs = startedMs;
  }

  /** Its own path has done with it, either way. */
  end(): void {
    this.#over = true;
    this.#onOver?.();
  }

  /** Resolves then. For its one racer. */
  async ended(): Promise<void> {
    if (this.#over) return;
    await new Promise<void>((resolve) => {
      this.#onOver = resolve;
    });
  }
}

export function isLostRace(error: unknown): boolean {
  return error instanceof Error && error.name === "Cancelled";
}

export function whyOf(outcome: ChunkOutcome): string {
  if (outcome.kind === "got") return "the blob started again meanwhile";
  return outcome.kind === "no-ranges" ? "no range support" : outcome.why;
}
