import type { Processes } from "../../world/processes.ts";
import type { World } from "../../world/world.ts";

/** A program that has not ended this long after SIGTERM is killed. */
const GRACE_MS = 2000;
const MAX_PROCESSES = 20_000;

/** A process and all that it started and that still has it as an ancestor. */
export function treeOf(processes: Pick<Processes, "children">, root: number): readonly number[] {
  const found = [root];
  for (let at = 0; at < found.length && found.length < MAX_PROCESSES; at++) {
    for (const child of processes.children(found[at] ?? 0)) found.push(child);
  }
  return found;
}

/** Ends a program that runs in apr's own process group: process by process, first asked and then killed. */
export async function stopTree(
  { processes, timers }: Pick<World, "processes" | "timers">,
  root: number,
  ended: AbortSignal,
): Promise<void> {
  const first = treeOf(processes, root);
  for (const pid of first) processes.signal(pid, "SIGTERM");
  await timers.sleep(GRACE_MS, ended);
  // Those that lost their parent meanwhile are in the first list only.
  const left = new Set([...first, ...treeOf(processes, root)]);
  for (const pid of left) if (processes.isAlive(pid)) processes.signal(pid, "SIGKILL");
}
