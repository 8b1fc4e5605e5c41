import { readFileSync } from "node:fs";

/** Signals that a supervisor passes on. Source: signal(7). */
const PASSED = [
  "SIGTERM",
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGCONT",
  "SIGWINCH",
] as const;
/** Those that a terminal sends to the whole group, so that the program has them already. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT", "SIGWINCH"]);

/** Passes signals on to a process until the function that it gives back is called. */
export function passSignals(pid: number, onPassed: (name: string) => void): () => void {
  const handler = (name: NodeJS.Signals): void => {
    onPassed(name);
    if (FROM_TERMINAL.has(name) && isForeground()) return;
    try {
      process.kill(pid, name);
    } catch {
      // It has just ended: its exit status is on the way.
    }
  };
  for (const name of PASSED) process.on(name, handler);
  return () => {
    for (const name of PASSED) process.off(name, handler);
  };
}

/** True when this process's group is the one that the terminal's keys reach. */
function isForeground(): boolean {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    // Fields behind the name: state, parent, group, session, terminal, the terminal's foreground group.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[2] === fields[5];
  } catch {
    return process.stdin.isTTY === true;
  }
}
