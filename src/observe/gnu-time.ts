import type { World } from "../world/world.ts";
import { within } from "./within.ts";

/** Signal numbers that end programs on Linux. Source: signal(7), x86 and ARM. */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
};

export function signalNumber(name: string): number | undefined {
  return SIGNAL_NUMBERS[name];
}

/** `SIGINT` for 2; `signal 34` where the number has no name. */
export function signalName(number: number): string {
  const named = Object.entries(SIGNAL_NUMBERS).find(([, known]) => known === number);
  return named?.[0] ?? `signal ${number}`;
}

/** GNU time between apr and the program. It alone gives a peak that the spawning process's own size does not taint. */
export interface GnuTime {
  readonly program: string;
  /** Where it writes its figures; must not exist yet. */
  readonly file: string;
  /** The same file as apr sees it, where the program runs in a namespace of its own. */
  readonly readFrom: string;
}

export interface GnuTimeFigures {
  /** Peak of the largest waited-for process, bytes. */
  readonly peakRssBytes: number;
  /** The signal that ended the program, or null when it exited by itself. */
  readonly signal: number | null;
}

const FORMAT = "apr-time %M";

export function gnuTimeArgv(time: GnuTime): string[] {
  return [time.program, "-o", time.file, "-f", FORMAT];
}

/** Null when it wrote nothing: it was killed together with the program. */
export async function readGnuTime(world: World, time: GnuTime): Promise<GnuTimeFigures | null> {
  const limitBytes = 64 * 1024;
  let text: string;
  try {
    text = Buffer.from(await world.files.readBounded(time.readFrom, limitBytes)).toString("utf8");
  } catch {
    return null;
  }
  const peak = /^apr-time (\d+)$/m.exec(text)?.[1];
  if (peak === undefined) return null;
  const signal = /^Command terminated by signal (\d+)$/m.exec(text)?.[1];
  return { peakRssBytes: Number(peak) * 1024, signal: signal === undefined ? null : Number(signal) };
}

/** Printing a version takes no longer. */
const PROBE_TIMEOUT_MS = 5000;

/** GNU time, not BusyBox's or a shell's own; undefined when there is none. */
export async function findGnuTime(world: World, path: string): Promise<string | undefined> {
  const program = await world.processes.find("time", path);
  if (program === undefined) return undefined;
  const child = await world.processes.spawn({
    argv: [program, "--version"],
    cwd: "/",
    env: { LC_ALL: "C" },
    captureBytes: 4096,
  });
  if (!(await within(world, child.drained, PROBE_TIMEOUT_MS))) world.processes.signal(-child.pid, "SIGKILL");
  return /GNU/.test(child.stdout().text + child.stderr().text) ? program : undefined;
}
