import { availableParallelism, hostname, tmpdir } from "node:os";
import type { Host } from "../world.ts";
import { readFacts } from "./procfs.ts";

/** This machine and this process. */
export const nodeHost: Host = {
  name: hostname(),
  pid: process.pid,
  platform: process.platform,
  uid: process.getuid?.() ?? -1,
  gid: process.getgid?.() ?? -1,
  cores: availableParallelism(),
  tempFolder: tmpdir(),
};

export function processIsAlive(pid: number): boolean {
  const facts = readFacts(pid);
  if (facts !== undefined) return !facts.zombie;
  try {
    // Where there is no /proc, signal 0 asks the same.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is there all the same.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
