import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The built command: `npm run build` makes it. */
const APR = fileURLToPath(new URL("../../dist/apr.cjs", import.meta.url));

export interface AprOptions {
  /** Sent to stdin, which is then closed; without it stdin is empty. */
  readonly input?: string | Buffer;
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Killed after this long. */
  readonly timeoutMs?: number;
  /** Open file descriptors to use instead of pipes, such as one of /dev/full. */
  readonly stdoutFd?: number;
  readonly stderrFd?: number;
  /** Flags for Node itself, before the script. */
  readonly nodeFlags?: readonly string[];
}

export interface AprResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** All of stdout as one JSON document. */
  readonly json: () => unknown;
}

export interface RunningApr {
  readonly child: ChildProcess;
  readonly result: Promise<AprResult>;
}

const DEFAULT_TIMEOUT_MS = 110_000;

/** Runs `apr` to its end. Never rejects for an exit code. */
export async function apr(args: readonly string[], options: AprOptions = {}): Promise<AprResult> {
  return startApr(args, options).result;
}

/** Starts `apr` in a process group of its own, so that a test can signal it as a terminal would. */
export function startApr(args: readonly string[], options: AprOptions = {}): RunningApr {
  if (!existsSync(APR)) throw new Error("dist/apr.cjs is missing: npm run build");
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), APR, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: [
      options.input === undefined ? "ignore" : "pipe",
      options.stdoutFd ?? "pipe",
      options.stderrFd ?? "pipe",
    ],
  });
  return { child, result: settle(child, options) };
}

async function settle(child: ChildProcess, options: AprOptions): Promise<AprResult> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  // apr may end without reading all of its input.
  child.stdin?.on("error", () => {});
  child.stdin?.end(options.input);
  const timer = setTimeout(() => killGroup(child), options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
    });
    const stdout = Buffer.concat(out).toString("utf8");
    const stderr = Buffer.concat(err).toString("utf8");
    return { code, signal, stdout, stderr, json: () => JSON.parse(stdout) as unknown };
  } finally {
    clearTimeout(timer);
  }
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
