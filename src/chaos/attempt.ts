import type { ContentState } from "../observe/content.ts";
import type { GnuTime } from "../observe/gnu-time.ts";
import { observeRun, type RunObservation, type RunSpec } from "../observe/run.ts";
import type { Slot } from "./slot.ts";
import { expandCommand, type Template } from "./template.ts";
import type { Tools } from "./tools.ts";

/** Bytes kept of each stream of a run: enough for any message, little enough for 1 GB of noise. */
const CAPTURE_BYTES = 512 * 1024;
/** A trace longer than this is read no further. */
const TRACE_LIMIT_BYTES = 64 * 1024 * 1024;

/** How one run differs from a clean one. */
export interface AttemptOptions {
  readonly timeoutMs: number;
  readonly force?: string;
  readonly sampleMemory?: boolean;
  readonly interrupt?: RunSpec["interrupt"];
  /** RLIMIT_AS for the command, bytes; rounded down to KiB. */
  readonly addressSpaceBytes?: number;
  /** Arguments for strace, which then runs innermost. Its log comes back as `trace`. */
  readonly trace?: readonly string[];
  /** Copy what is left on disk to the folder that the person named, if any. */
  readonly keepLeft?: boolean;
}

export interface Attempt {
  readonly run: RunObservation;
  /** The output afterwards; null when the command names none. */
  readonly output: ContentState | null;
  readonly strays: readonly string[];
  /** Unfinished work that lies where the command may keep it. */
  readonly state: readonly string[];
  /** strace's log, when it ran. */
  readonly trace: string | null;
  /** The command as it was started. */
  readonly argv: readonly string[];
  /** Where a copy of what was left lies; null when none was asked for. */
  readonly leftFolder: string | null;
}

/** What every attempt of one harness run shares. */
export interface Bench {
  readonly template: Template;
  /** The person's own judgement of an output, if any. */
  readonly check: Template | null;
  readonly tools: Tools;
  /** With a run's number behind it, this marks the processes of that run. */
  readonly mark: string;
  readonly abort: AbortSignal;
  readonly nextId: () => number;
  /** Where copies of leftovers go; undefined when nobody wants them. */
  readonly keepFolder: string | undefined;
}

const LIMIT = 'ulimit -v "$1" && shift && exec "$@"';

/** Runs the command once in a slot, in whatever state the slot is in. */
export async function attempt(bench: Bench, slot: Slot, options: AttemptOptions): Promise<Attempt> {
  const { tools } = bench;
  const id = bench.nextId();
  const argv = expandCommand(bench.template, slot.bindings(options.force ?? ""));
  const traceFile = `${slot.notesFolder}/trace-${id}`;
  const command: string[] = [];
  if (options.trace !== undefined && tools.strace !== undefined) {
    command.push(tools.strace, "-f", "-qq", "-o", traceFile, ...options.trace, "--");
  }
  if (options.addressSpaceBytes !== undefined) {
    const kilobytes = Math.floor(options.addressSpaceBytes / 1024);
    command.push(tools.sh ?? "/bin/sh", "-c", LIMIT, "sh", String(kilobytes));
  }
  const run = await observeRun(
    slot.world,
    {
      prefix: slot.cell.enter(slot.workFolder),
      command: [...command, ...argv] as [string, ...string[]],
      // In a cell the folder exists only inside, and the prefix changes to it.
      cwd: slot.cell.confined ? "/" : slot.workFolder,
      env: environment(slot),
      inhabits: (pid) => slot.cell.inhabits(pid),
      timeoutMs: options.timeoutMs,
      captureBytes: CAPTURE_BYTES,
      abort: bench.abort,
      ...(tools.gnuTime === undefined ? {} : { gnuTime: gnuTime(tools.gnuTime, slot, id) }),
      ...(options.sampleMemory === true ? { sampleMemory: true } : {}),
      ...(options.interrupt === undefined ? {} : { interrupt: options.interrupt }),
    },
    `${bench.mark}/${id}`,
  );
  const strays = await slot.strays();
  const leftFolder =
    options.keepLeft === true && bench.keepFolder !== undefined ? `${bench.keepFolder}/left/${id}` : null;
  if (leftFolder !== null) await slot.copyLeft(strays, leftFolder);
  return {
    run,
    output: await slot.output(),
    strays,
    state: await slot.state(),
    trace: options.trace === undefined ? null : await readTrace(slot, traceFile),
    argv,
    leftFolder,
  };
}

function gnuTime(program: string, slot: Slot, id: number): GnuTime {
  const file = `${slot.notesFolder}/time-${id}`;
  return { program, file, readFrom: slot.cell.view(file) };
}

async function readTrace(slot: Slot, file: string): Promise<string> {
  const { files } = slot.world;
  try {
    return Buffer.from(await files.readBounded(slot.cell.view(file), TRACE_LIMIT_BYTES)).toString("latin1");
  } catch {
    return "";
  }
}

/** The person's environment, with a home and a temporary folder of its own and English messages. */
export function environment(slot: Slot): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(slot.world.env)) {
    if (value !== undefined && !name.startsWith("XDG_")) env[name] = value;
  }
  const own = { TMPDIR: slot.tempFolder, TMP: slot.tempFolder, TEMP: slot.tempFolder, HOME: slot.homeFolder };
  return { ...env, ...own, PWD: slot.workFolder, LC_ALL: "C.UTF-8", LANGUAGE: "C" };
}
