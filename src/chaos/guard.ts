import { RUN_MARK } from "../observe/tree.ts";
import type { Child } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import type { Tools } from "./tools.ts";

/**
 * Waits for the end of its input, which comes when apr ends in any way, SIGKILL included.
 * Then it kills what still carries the mark and removes the sandbox. `$1`: the mark, which is the sandbox's folder.
 */
const SCRIPT = `
trap '' INT TERM HUP
while read -r _; do :; done
for round in 1 2 3 4 5 6 7 8 9 10; do
  found=$(grep -lsazF "${RUN_MARK}=$1/" /proc/[0-9]*/environ)
  [ -n "$found" ] || break
  for file in $found; do
    pid=\${file#/proc/}
    kill -9 "\${pid%/environ}"
  done
  sleep 0.1
done
chmod -R u+rwX -- "$1"
rm -rf -- "$1"
`;

/** Cleans up where apr itself cannot any more. */
export interface Guard {
  /** Everything is in order: it goes without doing anything. */
  dismiss(): Promise<void>;
}

export async function postGuard(world: World, tools: Tools, mark: string): Promise<Guard> {
  if (tools.sh === undefined) return { dismiss: () => Promise.resolve() };
  const child: Child = await world.processes.spawn({
    argv: [tools.sh, "-c", SCRIPT, "sh", mark],
    cwd: "/",
    env: { LC_ALL: "C", PATH: world.env["PATH"] ?? "/usr/bin:/bin" },
    captureBytes: 0,
    stdin: "pipe",
  });
  return {
    async dismiss() {
      // Killed before its input ends, so that it never begins.
      world.processes.signal(-child.pid, "SIGKILL");
      await child.exited;
      child.release();
    },
  };
}
