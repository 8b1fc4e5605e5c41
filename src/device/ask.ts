import type { Captured } from "../world/processes.ts";
import type { DeviceWorld } from "./world.ts";

/** What a program said before its time was over. */
export interface Asked {
  readonly end: "exited" | "signal" | "timeout" | "not-started";
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Kept of each stream, bytes: an answer is a few lines. */
const CAPTURE_BYTES = 256 * 1024;

/** Runs a program to its end, but no longer than `limitMs`: then its whole group is killed and not waited for. */
export async function ask(
  world: DeviceWorld,
  argv: readonly [string, ...string[]],
  limitMs: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Asked> {
  const spec = { argv, cwd: "/", env: { ...plainEnv(world.env), ...env }, captureBytes: CAPTURE_BYTES };
  const child = await world.processes.spawn(spec).catch(() => null);
  if (child === null) return { end: "not-started", code: null, signal: null, stdout: "", stderr: "" };
  const over = new AbortController();
  const ended = child.drained.then(() => child.exited);
  const status = await Promise.race([ended, world.timers.sleep(limitMs, over.signal).then(() => null)]);
  over.abort();
  if (status === null) {
    world.processes.signal(-child.pid, "SIGKILL");
    child.release();
  }
  const text = (captured: Captured): string => captured.text;
  return {
    end: status === null ? "timeout" : status.signal === null ? "exited" : "signal",
    code: status?.code ?? null,
    signal: status?.signal ?? null,
    stdout: text(child.stdout()),
    stderr: text(child.stderr()),
  };
}

/** An environment for a child, without what is not set. */
export function plainEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(set);
}
