/** The signals that apr sends. */
export type SignalName = "SIGINT" | "SIGTERM" | "SIGKILL";

/** How a process ended. Exactly one of the two is set. */
export interface ExitStatus {
  readonly code: number | null;
  /** Name of the signal that ended it, such as `SIGINT`. */
  readonly signal: string | null;
  readonly endedMs: number;
}

/** The head and the tail of a stream; what lay between is counted and dropped. */
export interface Captured {
  readonly text: string;
  readonly totalBytes: number;
  readonly droppedBytes: number;
}

export interface SpawnSpec {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Bytes kept of each stream: half from its start, half from its end. */
  readonly captureBytes: number;
  /** `pipe` keeps stdin open until the process or apr ends; `none` is an empty input. */
  readonly stdin?: "none" | "pipe";
  /** Written to stdin, which is closed after it. */
  readonly input?: string;
  /** Gets every piece of the streams as it comes. */
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
}

/** A running process in a session and process group of its own, with default signal dispositions. */
export interface Child {
  readonly pid: number;
  readonly startedMs: number;
  readonly exited: Promise<ExitStatus>;
  /** Streams so far. They may still grow after `exited` while a grandchild holds them open. */
  stdout(): Captured;
  stderr(): Captured;
  /** Resolves when nobody holds the streams open any more and everything was read. */
  readonly drained: Promise<void>;
  /** Resolves once when the first byte of stdout has come, or at its end. */
  readonly firstOutput: Promise<void>;
  /** Writes to a `pipe` stdin. What a process that has ended does not take is dropped. */
  send(text: string): void;
  closeInput(): void;
  /** Stops reading its streams. */
  release(): void;
}

/** Memory and state of one process, from /proc. Bytes. */
export interface ProcessFacts {
  readonly name: string;
  readonly zombie: boolean;
  readonly parent: number;
  readonly threads: number;
  readonly rssBytes: number;
  /** Highest resident size so far, kept by the kernel. */
  readonly peakRssBytes: number;
  /** Highest address-space size so far. */
  readonly peakVirtualBytes: number;
}

export interface Processes {
  /** Throws the system's error when the program cannot be started. */
  spawn(spec: SpawnSpec): Promise<Child>;
  /** The full path of a program, or undefined when PATH has none. */
  find(program: string, path: string): Promise<string | undefined>;
  /** False when there was nothing to signal. A negative id means a process group. */
  signal(id: number, name: SignalName): boolean;
  /** False when there is no such process, or it has ended and only waits to be collected. */
  isAlive(pid: number): boolean;
  facts(pid: number): ProcessFacts | undefined;
  /** Proportional set size, bytes: shared pages are split among their users. Slow: it walks page tables. */
  pssBytes(pid: number): number | undefined;
  commandLine(pid: number): readonly string[];
  children(pid: number): number[];
  sessionOf(pid: number): number | undefined;
  /** Which view of the file systems it has; undefined when it has gone or may not be looked at. */
  mountSpaceOf(pid: number): string | undefined;
  /** True when the process carries this variable in its starting environment. */
  hasVariable(pid: number, name: string, value: string): boolean;
  /** Every process id that can be seen. */
  all(): number[];
  /** Makes orphans of our descendants our own children (Linux subreaper). False where that cannot be done. */
  adoptOrphans(): Promise<boolean>;
  /** Our children that we did not start ourselves: adopted orphans. Empty before `adoptOrphans`. */
  adopted(): number[];
  /** Collects the exit status of a dead adopted orphan. */
  reap(pid: number): void;
}
