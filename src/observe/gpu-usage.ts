import type { Child, Processes } from "../world/processes.ts";
import { Curve, type Sample } from "./curve.ts";

/** GPU memory of a program's processes, as the driver counts it. Bytes. */
export interface GpuRecord {
  readonly peakBytes: number;
  readonly curve: readonly Sample[];
  /** False where the driver names no process of the tree, such as in a container with process ids of its own. */
  readonly seen: boolean;
}

/** The driver is asked this often: each answer costs it some milliseconds. */
const INTERVAL_MS = 1000;
const QUERY = [
  "--query-compute-apps=pid,used_memory",
  "--format=csv,noheader,nounits",
  `--loop-ms=${INTERVAL_MS}`,
];
const MIB = 1024 * 1024;
/** A line longer than this is no answer of that program. */
const MAX_LINE_CHARS = 1000;

/** One line `pid, MiB`; undefined for anything else, such as `[N/A]`. */
function readUsageLine(line: string): { readonly pid: number; readonly bytes: number } | undefined {
  const parts = /^\s*(\d{1,10})\s*,\s*(\d{1,12})\s*$/.exec(line);
  return parts === null ? undefined : { pid: Number(parts[1]), bytes: Number(parts[2]) * MIB };
}

/** Has `nvidia-smi` tell what each process takes, again and again, until it is stopped. */
export class GpuUsage {
  readonly #isOurs: (pid: number) => boolean;
  readonly #nowMs: () => number;
  readonly #curve = new Curve();
  readonly #latest = new Map<number, { bytes: number; atMs: number }>();
  #rest = "";
  #peak = 0;
  #seen = false;
  #child: Child | undefined;

  constructor(isOurs: (pid: number) => boolean, nowMs: () => number) {
    this.#isOurs = isOurs;
    this.#nowMs = nowMs;
  }

  async start(
    processes: Pick<Processes, "spawn">,
    program: string,
    env: Readonly<Record<string, string>>,
  ): Promise<void> {
    this.#child = await processes.spawn({
      argv: [program, ...QUERY],
      cwd: "/",
      env,
      captureBytes: 0,
      onOutput: (stream, bytes) => {
        if (stream === "stdout") this.take(new TextDecoder().decode(bytes));
      },
    });
  }

  /** Takes in a piece of the driver's answers. */
  take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, MAX_LINE_CHARS);
    for (const line of lines) {
      const usage = readUsageLine(line);
      if (usage !== undefined && this.#isOurs(usage.pid)) this.#note(usage.pid, usage.bytes);
    }
  }

  /** A process on several GPUs has a line for each; those of one answer come together. */
  #note(pid: number, bytes: number): void {
    const atMs = this.#nowMs();
    this.#seen = true;
    const before = this.#latest.get(pid);
    const same = before !== undefined && atMs - before.atMs < INTERVAL_MS / 4;
    this.#latest.set(pid, { bytes: same ? before.bytes + bytes : bytes, atMs });
    let sum = 0;
    for (const { bytes: each, atMs: when } of this.#latest.values()) {
      if (atMs - when < 2 * INTERVAL_MS) sum += each;
    }
    this.#peak = Math.max(this.#peak, sum);
    this.#curve.add({ atMs, bytes: sum });
  }

  stop(processes: Pick<Processes, "signal">): GpuRecord {
    if (this.#child !== undefined) {
      processes.signal(-this.#child.pid, "SIGKILL");
      this.#child.release();
    }
    return { peakBytes: this.#peak, curve: this.#curve.points(), seen: this.#seen };
  }
}
