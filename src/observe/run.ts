import { AprError } from "../base/errors.ts";
import type { Captured, Child, ExitStatus, SignalName } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import { type GnuTime, type GnuTimeFigures, gnuTimeArgv, readGnuTime, signalNumber } from "./gnu-time.ts";
import { within } from "./within.ts";
import { MemorySampler, type SampledMemory } from "./memory.ts";
import { type Member, ProcessTree, RUN_MARK } from "./tree.ts";

export interface RunSpec {
  /** Programs that start the command inside something, such as a namespace. Each must exec the rest. */
  readonly prefix: readonly string[];
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** True for processes that can only come from this run, whatever they did to their session and environment. */
  readonly inhabits?: (pid: number) => boolean;
  /** Everything is killed after this long. */
  readonly timeoutMs: number;
  readonly captureBytes: number;
  readonly gnuTime?: GnuTime;
  /** Sample the memory of the tree while it runs. */
  readonly sampleMemory?: boolean;
  /** Send a signal to the whole group this long after the command itself began to run. */
  readonly interrupt?: { readonly signal: SignalName; readonly afterMs: number };
  /** Ends everything at once; the run then throws. */
  readonly abort?: AbortSignal;
}

/** One run of a command, as seen from outside. */
export interface RunObservation {
  /** 128+N when signal N ended it; null when apr killed it at the time limit. */
  readonly exitCode: number | null;
  /** The signal's number when the command was ended by one. */
  readonly signal: number | null;
  readonly timedOut: boolean;
  readonly durationMs: number;
  readonly stdout: Captured;
  readonly stderr: Captured;
  /** Processes that were still there when the command had ended; they were killed. */
  readonly orphans: readonly Member[];
  readonly memory: SampledMemory | null;
  readonly gnuTime: GnuTimeFigures | null;
  /** When a signal was to be sent: whether the command was working then, and how long it took to end. */
  readonly interrupt: { readonly delivered: boolean; readonly responseMs: number | null } | null;
}

/** How long a helper process may take to end after the command itself. */
const ORPHAN_GRACE_MS = 100;
const DRAIN_MS = 500;

/** Runs a command to its end, or to its time limit, and leaves no process behind. */
export async function observeRun(world: World, spec: RunSpec, mark: string): Promise<RunObservation> {
  const wrapper = [...spec.prefix, ...(spec.gnuTime === undefined ? [] : gnuTimeArgv(spec.gnuTime))];
  const argv = [...wrapper, ...spec.command] as [string, ...string[]];
  const child = await world.processes.spawn({
    argv,
    cwd: spec.cwd,
    env: { ...spec.env, [RUN_MARK]: mark },
    captureBytes: spec.captureBytes,
  });
  const tree = new ProcessTree(world, child.pid, mark, spec.inhabits);
  const sampler = spec.sampleMemory === true ? new MemorySampler(world, tree) : null;
  try {
    const ended = await follow(world, spec, child, tree, argv);
    const orphans = ended.killed ? [] : await orphansOf(world, tree);
    const memory = sampler === null ? null : await sampler.stop();
    await tree.kill();
    await within(world, child.drained, DRAIN_MS);
    if (spec.abort?.aborted === true) throw new AprError("interrupted", "interrupted");
    const gnuTime = spec.gnuTime === undefined ? null : await readGnuTime(world, spec.gnuTime);
    return {
      ...statusOf(ended, gnuTime),
      timedOut: ended.killed,
      durationMs: ended.status.endedMs - child.startedMs,
      stdout: child.stdout(),
      stderr: child.stderr(),
      orphans,
      memory,
      gnuTime,
      interrupt: ended.interrupt,
    };
  } finally {
    await sampler?.stop();
    await tree.kill();
    child.release();
  }
}

interface Ended {
  readonly status: ExitStatus;
  readonly killed: boolean;
  readonly interrupt: RunObservation["interrupt"];
}

async function follow(
  world: World,
  spec: RunSpec,
  child: Child,
  tree: ProcessTree,
  argv: readonly string[],
): Promise<Ended> {
  const over = new AbortController();
  const exited = child.exited.then((status) => {
    over.abort();
    return status;
  });
  let killed = false;
  const limit = world.timers.sleep(spec.timeoutMs, over.signal).then(async () => {
    if (over.signal.aborted) return;
    killed = true;
    await tree.kill();
  });
  const onAbort = (): void => void tree.kill();
  spec.abort?.addEventListener("abort", onAbort, { once: true });
  if (spec.abort?.aborted === true) onAbort();
  const sentMs = await interruptWhenWorking(world, spec, tree, argv, over.signal);
  const status = await exited;
  await limit;
  spec.abort?.removeEventListener("abort", onAbort);
  if (spec.interrupt === undefined) return { status, killed, interrupt: null };
  if (sentMs === null) return { status, killed, interrupt: { delivered: false, responseMs: null } };
  return { status, killed, interrupt: { delivered: true, responseMs: Math.max(0, status.endedMs - sentMs) } };
}

/** The moment when the signal was sent, or null when the command had ended before. */
async function interruptWhenWorking(
  world: World,
  spec: RunSpec,
  tree: ProcessTree,
  argv: readonly string[],
  over: AbortSignal,
): Promise<number | null> {
  if (spec.interrupt === undefined) return null;
  const working = (): number | undefined =>
    tree.members().find((pid) => isCommand(world.processes.commandLine(pid), argv, spec.command.length));
  let pid = working();
  while (pid === undefined && !over.aborted) {
    await world.timers.sleep(1, over);
    pid = working();
  }
  await world.timers.sleep(spec.interrupt.afterMs, over);
  if (over.aborted || working() === undefined) return null;
  const sentMs = world.clock.monotonicMs();
  return world.processes.signal(-tree.root, spec.interrupt.signal) ? sentMs : null;
}

/** Each wrapper's own command line is a longer tail of the whole one; anything else is the command at work. */
function isCommand(line: readonly string[], argv: readonly string[], commandLength: number): boolean {
  if (line.length === 0) return false;
  if (line.length <= commandLength || line.length > argv.length) return true;
  return !argv.slice(-line.length).every((word, index) => word === line[index]);
}

async function orphansOf(world: World, tree: ProcessTree): Promise<readonly Member[]> {
  const startMs = world.clock.monotonicMs();
  for (;;) {
    const left = tree.search();
    if (left.length === 0) return [];
    if (world.clock.monotonicMs() - startMs > ORPHAN_GRACE_MS) return tree.named(left);
    await world.timers.sleep(5);
  }
}

function statusOf(ended: Ended, time: GnuTimeFigures | null): Pick<RunObservation, "exitCode" | "signal"> {
  if (ended.killed) return { exitCode: null, signal: null };
  const direct = ended.status.signal === null ? undefined : signalNumber(ended.status.signal);
  const signal = direct ?? time?.signal ?? null;
  if (signal !== null) return { exitCode: 128 + signal, signal };
  return { exitCode: ended.status.code ?? 1, signal: null };
}
