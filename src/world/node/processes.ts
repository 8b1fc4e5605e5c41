import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { Child, ExitStatus, Processes, SpawnSpec } from "../processes.ts";
import { Capture } from "./capture.ts";
import { processIsAlive } from "./host.ts";
import { becomeSubreaper, canReap, reapOrphan } from "./orphans.ts";
import {
  allProcesses,
  readChildren,
  readCommandLine,
  readFacts,
  readHasVariable,
  readMountSpace,
  readPss,
  readSession,
} from "./procfs.ts";

/** Children that Node itself waits for. */
const own = new Set<number>();

export const nodeProcesses: Processes = {
  spawn: start,
  find,
  signal(id, name) {
    try {
      return process.kill(id, name);
    } catch {
      return false;
    }
  },
  isAlive: processIsAlive,
  facts: readFacts,
  pssBytes: readPss,
  commandLine: readCommandLine,
  children: readChildren,
  sessionOf: readSession,
  mountSpaceOf: readMountSpace,
  hasVariable: readHasVariable,
  all: allProcesses,
  adoptOrphans: becomeSubreaper,
  adopted: () => (canReap() ? readChildren(process.pid).filter((pid) => !own.has(pid)) : []),
  reap(pid) {
    // Node waits for its own children: taking an exit status from it would leave it waiting for ever.
    if (!own.has(pid)) reapOrphan(pid);
  },
};

function start(spec: SpawnSpec): Promise<Child> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = spec.argv;
    const child = spawn(program, args, {
      cwd: spec.cwd,
      env: spec.env,
      // A session of its own: one signal reaches the whole group, and libuv resets signal dispositions.
      detached: true,
      stdio: [spec.stdin === "pipe" || spec.input !== undefined ? "pipe" : "ignore", "pipe", "pipe"],
    });
    const { pid } = child;
    if (pid !== undefined) own.add(pid);
    // A child need not read its input: its end of the pipe may be gone before all is written (EPIPE).
    child.stdin?.on("error", () => undefined);
    if (spec.input !== undefined) child.stdin?.end(spec.input);
    child.once("error", reject);
    child.once("spawn", () => resolve(watch(child, spec)));
  });
}

function watch(child: ChildProcess, { captureBytes, onOutput }: SpawnSpec): Child {
  const { pid, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null)
    throw new Error("a started process has no pipes");
  const output = new Capture(stdout, captureBytes);
  const errors = new Capture(stderr, captureBytes);
  if (onOutput !== undefined) {
    stdout.on("data", (bytes: Buffer) => onOutput("stdout", bytes));
    stderr.on("data", (bytes: Buffer) => onOutput("stderr", bytes));
  }
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once("exit", (code, signal) => {
      own.delete(pid);
      resolve({ code, signal, endedMs: performance.now() });
    });
  });
  return {
    pid,
    startedMs: performance.now(),
    exited,
    stdout: () => output.take(),
    stderr: () => errors.take(),
    drained: new Promise((resolve) => child.once("close", () => resolve())),
    firstOutput: new Promise((resolve) => {
      stdout.once("data", () => resolve());
      stdout.once("close", () => resolve());
    }),
    send: (text) => void child.stdin?.write(text),
    closeInput: () => void child.stdin?.end(),
    release() {
      stdout.destroy();
      stderr.destroy();
    },
  };
}

/** Synchronous inside: Node's promises of the file system take longer to load than all of this. */
function find(program: string, path: string): Promise<string | undefined> {
  return Promise.resolve(findNow(program, path));
}

function findNow(program: string, path: string): string | undefined {
  const candidates = program.includes("/")
    ? [program]
    : path
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, program));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
