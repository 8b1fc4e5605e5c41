/** What a person may ask of a sweep. */
export interface SweepOptions {
  readonly command: readonly string[];
  /** The person's model, as given; only ever read. */
  readonly model: string | undefined;
  /** Shell that writes the model to stdout, where it is none of the person's own files. */
  readonly modelShell?: string | undefined;
  readonly check: string | undefined;
  /** Makes the slot ready before each run that is judged, as a command line without a shell. */
  readonly setup?: string | undefined;
  readonly output: string | undefined;
  readonly state: string | undefined;
  /** Errors, signals and further faults by name; null: all. */
  readonly faults: readonly string[] | null;
  /** After this long no new run begins; null: every point is tried. */
  readonly budgetMs: number | null;
  /** Of a run. */
  readonly timeoutMs: number;
  readonly jobs: number;
  /** Tries of each finding's shown run, the first included. */
  readonly repeat: number;
  readonly shard: { readonly index: number; readonly count: number } | null;
  readonly sample: { readonly points: number; readonly seed: number } | null;
  /** The person's own folder, for relative paths. */
  readonly cwd: string;
  readonly abort: AbortSignal;
}

export interface SweepListener {
  step(text: string): void;
}
