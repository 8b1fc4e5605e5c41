import { shellQuote } from "../../base/shellwords.ts";
import { ProcessTree, RUN_MARK } from "../../observe/tree.ts";
import type { Child } from "../../world/processes.ts";
import type { World } from "../../world/world.ts";
import { environment } from "../attempt.ts";
import type { Slot } from "../slot.ts";

/** What a shell in the cell said of one line. */
export interface Ran {
  /** The shell's `$?`; null when the line did not end in time and everything was killed. */
  readonly status: number | null;
  readonly durationMs: number;
  /** Names of processes that were still there afterwards; they were killed. */
  readonly orphans: readonly string[];
}

/** More than this in one stream is a run that does not end. */
const MAX_STREAM_BYTES = 256 * 1024 * 1024;
/** How often a long run's streams are looked at. */
const WATCH_MS = 250;
/** How long a helper process may take to end after the command itself. */
const ORPHAN_GRACE_MS = 100;

/**
 * A shell that stays in a slot's cell and runs one line after the other. Entering a cell takes longer than most
 * commands run; this way it is entered once.
 */
export class Station {
  readonly slot: Slot;
  readonly #world: World;
  readonly #sh: string;
  readonly #mark: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: Child | null = null;
  #answer: (status: number | null) => void = () => undefined;
  #rest = "";

  /** `env` is added to the environment of every run. */
  constructor(slot: Slot, sh: string, mark: string, env: Readonly<Record<string, string | undefined>> = {}) {
    this.slot = slot;
    this.#world = slot.world;
    this.#sh = sh;
    this.#mark = mark;
    const all = { ...environment(slot), ...env, [RUN_MARK]: mark };
    const set = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
    this.#env = Object.fromEntries(set);
  }

  get stdoutFile(): string {
    return `${this.slot.notesFolder}/stdout`;
  }

  get stderrFile(): string {
    return `${this.slot.notesFolder}/stderr`;
  }

  get traceFile(): string {
    return `${this.slot.notesFolder}/trace`;
  }

  /** Where apr finds a file of the slot. */
  host(path: string): string {
    return this.slot.hostFolder + path.slice(this.slot.folder.length);
  }

  /** Runs one line of shell in the command's folder. `abort` ends it at once; it then counts as not ended. */
  async run(line: string, timeoutMs: number, abort: AbortSignal): Promise<Ran> {
    const child = this.#child ?? (await this.#start());
    const startMs = this.#world.clock.monotonicMs();
    const over = new AbortController();
    const answered = new Promise<number | null>((resolve) => (this.#answer = resolve)).then((status) => {
      over.abort();
      return status;
    });
    const kill = (): void => void this.#world.processes.signal(-child.pid, "SIGKILL");
    abort.addEventListener("abort", kill, { once: true });
    if (abort.aborted) kill();
    child.send(`cd ${shellQuote([this.slot.workFolder])} && ${line}; echo "apr $?"\n`);
    const [status] = await Promise.all([answered, this.#watch(child, timeoutMs, over.signal)]);
    const durationMs = this.#world.clock.monotonicMs() - startMs;
    abort.removeEventListener("abort", kill);
    if (status === null) return { status, durationMs, orphans: await this.close() };
    return { status, durationMs, orphans: await this.#orphans(child) };
  }

  /** Ends the shell and all that it started; a later run starts a new one. Names what had to be killed. */
  async close(): Promise<readonly string[]> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return [];
    const tree = this.#tree(child);
    this.#world.processes.signal(-child.pid, "SIGKILL");
    const left = tree.named(tree.search().filter((pid) => pid !== child.pid));
    await tree.kill();
    child.release();
    return left.map(({ name }) => name).filter((name) => name !== "strace");
  }

  async #start(): Promise<Child> {
    const { slot } = this;
    const child = await this.#world.processes.spawn({
      argv: startOf(slot, this.#sh),
      cwd: slot.cell.confined ? "/" : slot.workFolder,
      env: this.#env,
      captureBytes: 4096,
      stdin: "pipe",
      onOutput: (stream, bytes) => stream === "stdout" && this.#hear(Buffer.from(bytes).toString("latin1")),
    });
    this.#child = child;
    child.exited.then(
      () => this.#child === child && this.#answer(null),
      () => undefined,
    );
    // A crash must not leave its memory in the command's folder.
    child.send("ulimit -c 0\n");
    return child;
  }

  #hear(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const status = /^apr (\d+)$/.exec(line)?.[1];
      if (status !== undefined) this.#answer(Number(status));
    }
  }

  /** Kills the line's processes when it takes too long or writes without end. */
  async #watch(child: Child, timeoutMs: number, over: AbortSignal): Promise<void> {
    const endMs = this.#world.clock.monotonicMs() + timeoutMs;
    while (!over.aborted) {
      const leftMs = endMs - this.#world.clock.monotonicMs();
      if (leftMs <= 0 || this.#floods()) {
        this.#answer(null);
        return;
      }
      await this.#world.timers.sleep(Math.min(WATCH_MS, leftMs), over);
      if (this.#child !== child) return;
    }
  }

  #floods(): boolean {
    return [this.stdoutFile, this.stderrFile].some(
      (file) => (this.#world.quick.facts(this.host(file))?.sizeBytes ?? 0) > MAX_STREAM_BYTES,
    );
  }

  /** What a run left running. Orphans of it have become apr's own children, so that looking for them is cheap. */
  async #orphans(child: Child): Promise<readonly string[]> {
    const { processes, clock, timers } = this.#world;
    const mine = (pid: number): boolean =>
      this.slot.cell.confined ? this.slot.cell.inhabits(pid) : processes.sessionOf(pid) === child.pid;
    const startMs = clock.monotonicMs();
    for (;;) {
      const left = processes.adopted().filter((pid) => mine(pid));
      for (const pid of left) if (processes.facts(pid)?.zombie === true) processes.reap(pid);
      const alive = left.filter((pid) => processes.isAlive(pid));
      if (alive.length === 0) return [];
      if (clock.monotonicMs() - startMs > ORPHAN_GRACE_MS) {
        const names = alive.map((pid) => processes.facts(pid)?.name ?? "");
        await this.close();
        return names;
      }
      await timers.sleep(5);
    }
  }

  #tree(child: Child): ProcessTree {
    return new ProcessTree(this.#world, child.pid, this.#mark, (pid) => this.slot.cell.inhabits(pid));
  }
}

function startOf(slot: Slot, sh: string): [string, ...string[]] {
  const [program, ...words] = slot.cell.enter(slot.workFolder);
  return program === undefined ? [sh] : [program, ...words, sh];
}
