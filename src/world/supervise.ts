/** How a supervised program ended, from its raw wait status. Exactly one of the first two is set. */
export interface SupervisedEnd {
  readonly exitCode: number | null;
  /** The signal's number, real-time ones included. */
  readonly signal: number | null;
  readonly endedMs: number;
  /**
   * Highest resident size of the program, or of any process that it waited for; null where it cannot be told. It is
   * never below the size of apr itself at the start, which the kernel counts in.
   */
  readonly peakRssBytes: number | null;
  /** apr's own size when the program was started. */
  readonly floorRssBytes: number;
}

export interface SuperviseSpec {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Gets stderr as it comes, after it was passed on. Without it the program keeps apr's own stderr. */
  readonly onStderr?: (bytes: Uint8Array) => void;
}

/** A program that runs in apr's place: with its terminal, its process group, its stdin and stdout. */
export interface Supervised {
  readonly pid: number;
  readonly startedMs: number;
  readonly ended: Promise<SupervisedEnd>;
  /** Resolves when nobody holds the program's stderr open any more and all of it was passed on. */
  readonly stderrClosed: Promise<void>;
  /** Stops reading stderr. */
  release(): void;
}

/** Texts of the system's own small files, such as those under /proc. Synchronous: they take microseconds. */
export interface SystemFiles {
  /** At most 1 MiB of its content; undefined when it is not there or may not be read. */
  read(path: string): string | undefined;
}

/** What `apr run` asks of the system beside the `World`. */
export interface Supervisor {
  /** Throws the system's error when the program cannot be started. */
  start(spec: SuperviseSpec): Promise<Supervised>;
  readonly system: SystemFiles;
  /** The kernel's records, oldest first; undefined when they may not be read. */
  kernelLog(): readonly KernelRecord[] | undefined;
}

/** One record of the kernel's log. */
export interface KernelRecord {
  /** Milliseconds since the machine started, on the log's own clock. */
  readonly atMs: number;
  readonly text: string;
}
