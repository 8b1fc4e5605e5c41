import type { ContentState } from "../observe/content.ts";
import { sameContent } from "../observe/content.ts";
import type { RunObservation } from "../observe/run.ts";
import { type Attempt, type AttemptOptions, attempt, type Bench } from "./attempt.ts";
import { checkOutput } from "./check.ts";
import type { Reproduction } from "./reproduce.ts";
import type { Slot } from "./slot.ts";

/** What two clean runs showed. */
export interface Baseline {
  /** The first of the two. */
  readonly first: Attempt;
  readonly run: RunObservation;
  readonly output: ContentState | null;
  /** Both runs gave the same output; null when the command names none. */
  readonly deterministic: boolean | null;
  /** What a clean run leaves besides its output. */
  readonly strays: ReadonlySet<string>;
  /** Folders in which clean runs leave files whose names change. */
  readonly messyFolders: ReadonlySet<string>;
}

export interface LabOptions {
  readonly forceFlag: string | undefined;
  readonly memoryLimitBytes: number | undefined;
  readonly diskLimitBytes: number | undefined;
  readonly timeoutMs: number;
}

/** Whether an output is as good as the baseline's. Null: nothing can tell. */
export interface Likeness {
  readonly output_equal: boolean | null;
  readonly check_passed: boolean | null;
}

/** The person's check decides where there is one; an output that nothing can judge is accepted. */
export function acceptable({ output_equal, check_passed }: Likeness): boolean {
  return check_passed ?? output_equal !== false;
}

/** A clean run in the state that a fault left. */
export interface Recovery extends Likeness {
  readonly exit_code: number;
  /** Unfinished work that is still there, paths of the command; without `--state` nobody asks. */
  readonly state_left?: readonly string[];
}

/** Paths of unfinished work that are shown as evidence. */
const MAX_STATE_SHOWN = 100;

/** Everything a fault needs: a slot to run in and the baseline to compare with. */
export class Lab {
  readonly bench: Bench;
  readonly slot: Slot;
  readonly baseline: Baseline;
  readonly options: LabOptions;
  readonly modelBytes: number;
  readonly reproduction: Reproduction;

  constructor(
    bench: Bench,
    slot: Slot,
    baseline: Baseline,
    options: LabOptions,
    model: { readonly bytes: number; readonly reproduction: Reproduction },
  ) {
    this.bench = bench;
    this.slot = slot;
    this.baseline = baseline;
    this.options = options;
    this.modelBytes = model.bytes;
    this.reproduction = model.reproduction;
  }

  /** One run in whatever state the slot is in, with the time limit of faulty runs. */
  attempt(options: Omit<AttemptOptions, "timeoutMs"> = {}): Promise<Attempt> {
    return attempt(this.bench, this.slot, { ...options, timeoutMs: this.timeoutMs });
  }

  /** Faulty runs get ten times a clean run, and at least ten seconds: slower is a hang. */
  get timeoutMs(): number {
    return Math.min(this.options.timeoutMs, Math.max(10_000, this.baseline.run.durationMs * 10));
  }

  async likeness(output: ContentState | null): Promise<Likeness> {
    const { baseline } = this;
    if (output === null || baseline.output === null) return { output_equal: null, check_passed: null };
    if (sameContent(output, baseline.output)) return { output_equal: true, check_passed: null };
    const output_equal = baseline.deterministic === true ? false : null;
    return { output_equal, check_passed: await this.#check() };
  }

  /** A clean run in the state that the fault left. */
  async recover(): Promise<Recovery> {
    const again = await this.attempt();
    const result = { exit_code: again.run.exitCode ?? -1, ...(await this.likeness(again.output)) };
    if (this.slot.statePath === null) return result;
    return { ...result, state_left: again.state.slice(0, MAX_STATE_SHOWN) };
  }

  /** What this run left that a clean one does not. */
  newStrays(done: Attempt): string[] {
    return straysBeyond(this.baseline, done.run.exitCode === 0, done.strays);
  }

  async #check(): Promise<boolean | null> {
    const { check } = this.bench;
    return check === null ? null : checkOutput(this.bench, this.slot, check, this.timeoutMs);
  }
}

/** Of a run's strays, those that a clean run does not leave. `ok`: the run ended with 0. */
export function straysBeyond(
  baseline: Pick<Baseline, "strays" | "messyFolders">,
  ok: boolean,
  strays: readonly string[],
): string[] {
  return strays.filter((path) => {
    // A command that eats its input may do so only when it succeeds.
    if (path.endsWith(" (changed)")) return !ok || !baseline.strays.has(path);
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    return !baseline.strays.has(path) && !baseline.messyFolders.has(folder);
  });
}
