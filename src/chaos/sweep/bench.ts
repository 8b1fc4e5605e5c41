import { type ContentState, sameContent } from "../../observe/content.ts";
import { signalNumber } from "../../observe/gnu-time.ts";
import type { Bench } from "../attempt.ts";
import { checkOutput } from "../check.ts";
import type { Seen } from "../describe.ts";
import { type Likeness, straysBeyond } from "../lab.ts";
import { type After, cleanUp, lookAfter, traceOf } from "./after.ts";
import type { Ran, Station } from "./station.ts";
import { readTraceFacts, type TraceFacts, type TraceFault } from "./syscalls.ts";

/** What clean runs look like, in the same shell and with the same streams as every other run. */
export interface Clean {
  readonly output: ContentState | null;
  /** The output and, where it counts, stdout were the same twice; null when there is neither. */
  readonly deterministic: boolean | null;
  /** The output had the same size each time, whatever its bytes. */
  readonly sizeSteady: boolean;
  readonly stdout: After["stdout"];
  readonly stdoutSteady: boolean;
  readonly strays: ReadonlySet<string>;
  readonly messyFolders: ReadonlySet<string>;
  /** Of a clean run that nothing watches. */
  readonly durationMs: number;
  readonly timeoutMs: number;
}

/** One run with all that can be seen of it. */
export interface Shot extends Seen {
  readonly after: After;
  readonly trace: string;
  readonly facts: TraceFacts | null;
}

/** One worker: a station with what it compares with. */
export class Worker {
  readonly station: Station;
  readonly bench: Bench;
  readonly baseline: Clean;
  /** Clean runs in states that faults left, by state: the same state is judged once. */
  readonly #recoveries = new Map<string, Recovery>();
  /** Runs so far, for the report. */
  runs = 0;
  /** Runs get so many times their time limit. */
  patience = 1;

  constructor(station: Station, bench: Bench, baseline: Clean) {
    this.station = station;
    this.bench = bench;
    this.baseline = baseline;
  }

  get slot(): Station["slot"] {
    return this.station.slot;
  }

  newStrays(done: Seen): string[] {
    return straysBeyond(this.baseline, done.run.exitCode === 0, done.strays);
  }

  /** Runs one line in whatever state the slot is in. */
  async shoot(line: string, fault: TraceFault | null = null): Promise<Shot> {
    this.runs++;
    const limitMs = this.baseline.timeoutMs * this.patience;
    const ran = await this.station.run(line, limitMs, this.bench.abort);
    return takeShot(this.station, ran, fault);
  }

  async likeness(done: Shot, stdoutCounts: boolean): Promise<Likeness> {
    const { baseline } = this;
    const files = outputEqual(baseline, done);
    const stdout = stdoutCounts ? stdoutEqual(baseline, done) : null;
    const known = [files, stdout].filter((each) => each !== null);
    const output_equal = known.length === 0 ? null : known.every((each) => each === true);
    if (output_equal === true || (files === null && stdout !== null))
      return { output_equal, check_passed: null };
    // Of an output whose bytes differ each time, a size that never differed still tells what is not whole.
    const resized = baseline.sizeSteady && done.output?.size_bytes !== baseline.output?.size_bytes;
    const different = baseline.deterministic === true || resized ? output_equal : null;
    return { output_equal: different, check_passed: await this.#check() };
  }

  /** A clean run in the state that the fault left; nothing is run where a run before has shown it. */
  async recover(plain: string, done: Shot): Promise<Recovery> {
    const known = this.#recoveries.get(done.after.key);
    if (known !== undefined) return known;
    const again = await this.shoot(plain);
    const likeness = await this.likeness(again, this.slot.outputPath === null);
    const left = this.slot.statePath === null ? {} : { state_left: again.state };
    const recovery = { exit_code: again.run.exitCode ?? -1, ...likeness, ...left };
    this.#recoveries.set(done.after.key, recovery);
    await cleanUp(this.station, again.after);
    return recovery;
  }

  async #check(): Promise<boolean | null> {
    const { check } = this.bench;
    return check === null ? null : checkOutput(this.bench, this.slot, check, this.baseline.timeoutMs);
  }
}

export interface Recovery extends Likeness {
  readonly exit_code: number;
  readonly state_left?: readonly string[];
}

function outputEqual({ output: whole }: Clean, { output }: Shot): boolean | null {
  return output === null || whole === null ? null : sameContent(output, whole);
}

function stdoutEqual({ stdout, stdoutSteady }: Clean, { after }: Shot): boolean | null {
  if (!stdoutSteady) return null;
  return stdout.sizeBytes === after.stdout.sizeBytes && stdout.sha256 === after.stdout.sha256;
}

/** Looks at everything that a run left. */
export async function takeShot(station: Station, ran: Ran, fault: TraceFault | null): Promise<Shot> {
  const after = await lookAfter(station);
  const trace = fault === null ? "" : traceOf(station);
  const facts = fault === null ? null : readTraceFacts(trace, fault);
  const { output, strays, state, stderr } = after;
  return {
    run: {
      exitCode: ran.status,
      signal: signalOf(ran.status, facts),
      // The command had ended, and a process that it left kept its watcher waiting.
      timedOut: ran.status === null && facts?.mainEnded !== true,
      durationMs: ran.durationMs,
      stderr: { text: stderr },
      orphans: ran.orphans.map((name) => ({ name })),
    },
    output,
    strays,
    state,
    after,
    trace,
    facts,
  };
}

/** A shell says 128+N for signal N, and so may the program itself: the trace knows which. */
function signalOf(status: number | null, facts: TraceFacts | null): number | null {
  if (status === null || status <= 128) return null;
  if (facts === null) return CRASHES.has(status - 128) ? status - 128 : null;
  const killed = facts.killedBy === null ? undefined : signalNumber(facts.killedBy);
  return killed === status - 128 ? killed : null;
}

/** ILL, TRAP, ABRT, BUS, FPE, KILL, SEGV, PIPE, ALRM, TERM, XFSZ and INT: no program chooses these codes itself. */
const CRASHES: ReadonlySet<number> = new Set([2, 4, 5, 6, 7, 8, 9, 11, 13, 14, 15, 25]);
