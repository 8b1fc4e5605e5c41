import { findGnuTime } from "../observe/gnu-time.ts";
import { within } from "../observe/within.ts";
import type { World } from "../world/world.ts";

/** Programs of the host that the harness uses, by full path. What is missing narrows what can be proven. */
export interface Tools {
  readonly sh: string | undefined;
  readonly gnuTime: string | undefined;
  /** Set only when it can trace: some hosts forbid it. */
  readonly strace: string | undefined;
  readonly unshare: string | undefined;
  readonly nsenter: string | undefined;
  readonly mount: string | undefined;
  readonly umount: string | undefined;
}

/** A helper that takes longer is stuck: each of them does one small thing. */
const TOOL_TIMEOUT_MS = 5000;

export async function findTools(world: World, path: string): Promise<Tools> {
  const find = (name: string): Promise<string | undefined> => world.processes.find(name, path);
  const [sh, gnuTime, strace, unshare, nsenter, mount, umount] = await Promise.all([
    find("sh"),
    findGnuTime(world, path),
    workingStrace(world, path),
    find("unshare"),
    find("nsenter"),
    find("mount"),
    find("umount"),
  ]);
  return { sh, gnuTime, strace, unshare, nsenter, mount, umount };
}

async function workingStrace(world: World, path: string): Promise<string | undefined> {
  const strace = await world.processes.find("strace", path);
  const probe = (await world.processes.find("true", path)) ?? strace;
  if (strace === undefined || probe === undefined) return undefined;
  return (await succeeds(world, [strace, "-f", "-qq", "-o", "/dev/null", probe])) ? strace : undefined;
}

/** Runs a small helper program to its end. */
async function succeeds(world: World, argv: readonly [string, ...string[]]): Promise<boolean> {
  return (await runTool(world, argv)).code === 0;
}

export async function runTool(
  world: World,
  argv: readonly [string, ...string[]],
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = await world.processes.spawn({ argv, cwd: "/", env: { LC_ALL: "C" }, captureBytes: 8192 });
  if (!(await within(world, child.drained, TOOL_TIMEOUT_MS))) {
    world.processes.signal(-child.pid, "SIGKILL");
    child.release();
  }
  const { code } = await child.exited;
  return { code, stderr: child.stderr().text };
}
