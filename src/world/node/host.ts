import { readFileSync, readlinkSync } from "node:fs";
import { availableParallelism, hostname, tmpdir } from "node:os";
import type { Host } from "../world.ts";
import { readFacts } from "./procfs.ts";

/** This machine and this process. */
export const nodeHost: Host = {
  name: `${hostname()}${processSpace()}`,
  pid: process.pid,
  get bootId() {
    return readBootId();
  },
  platform: process.platform,
  uid: process.getuid?.() ?? -1,
  gid: process.getgid?.() ?? -1,
  cores: availableParallelism(),
  tempFolder: tmpdir(),
};

/** Containers may share a host name but count their processes apart: then a process id means nothing to another. */
function processSpace(): string {
  try {
    return `-${/\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? ""}`;
  } catch {
    // No Linux, or no /proc: the host name is all there is.
    return "";
  }
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

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
