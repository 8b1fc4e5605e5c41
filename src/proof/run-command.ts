import type { Processes } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import type { CommandRun } from "./task.ts";
import { CAPTURE_BYTES } from "./limits.ts";

export interface RunWorld {
  readonly processes: Pick<Processes, "spawn">;
  readonly clock: Pick<World["clock"], "monotonicMs">;
  readonly timers: World["timers"];
  readonly env: World["env"];
}

export interface RunCommandOptions {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** Gets the output as it comes, as it is. */
  readonly onOutput: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  /** The command's process group, once it runs. */
  readonly onStarted: (pid: number) => void;
  readonly signalNumber: (name: string) => number | undefined;
}

/** A process that the command left behind may hold its streams open: they are not waited for longer. */
const DRAIN_MS = 500;

/** Runs a command to its end, with an empty input. Throws the system's error when it cannot be started. */
export async function runCommand(world: RunWorld, options: RunCommandOptions): Promise<CommandRun> {
  const { argv, cwd, onOutput, signalNumber } = options;
  const env = Object.entries(world.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const startMs = world.clock.monotonicMs();
  const child = await world.processes.spawn({
    ...{ argv, cwd, onOutput },
    env: Object.fromEntries(env),
    captureBytes: CAPTURE_BYTES,
  });
  options.onStarted(child.pid);
  const { code, signal } = await child.exited;
  const durationMs = world.clock.monotonicMs() - startMs;
  const over = new AbortController();
  await Promise.race([child.drained, world.timers.sleep(DRAIN_MS, over.signal)]);
  over.abort();
  const exitCode = signal === null ? (code ?? 1) : 128 + (signalNumber(signal) ?? 0);
  const run = { argv, cwd, exitCode, signal, durationMs, stdout: child.stdout(), stderr: child.stderr() };
  child.release();
  return run;
}
