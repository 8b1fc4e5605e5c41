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

/** Where signals go: held until there is a process, then passed on to it. */
export interface SignalPass {
  /** The process is there: what has come meanwhile is passed on, and all that comes. */
  to(pid: number): void;
  /** The process has gone. What comes now is dropped, so that a report can be finished. */
  ended(): void;
}

/** Begins to hold signals. To be called before the program is started, or one could come in between. */
export function passSignals(onPassed: (name: string) => void): SignalPass {
  let target: number | undefined;
  const held: NodeJS.Signals[] = [];
  const send = (name: NodeJS.Signals): void => {
    if (target === undefined) return void held.push(name);
    onPassed(name);
    try {
      process.kill(target, name);
    } catch {
      // It has just ended: its exit status is on the way.
    }
  };
  const handler = (name: NodeJS.Signals): void => {
    if (!FROM_TERMINAL.has(name) || !isForeground()) send(name);
  };
  for (const name of PASSED) process.on(name, handler);
  return {
    to(pid) {
      target = pid;
      for (const name of held.splice(0)) send(name);
    },
    ended() {
      target = undefined;
    },
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
