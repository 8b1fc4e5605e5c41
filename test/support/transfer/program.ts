import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { findProgram, type Program } from "../needs.ts";

/** A server on this machine's loopback must be up within this. */
const READY_MS = 15_000;
const POLL_MS = 20;
const LOG_CHARACTERS = 2000;

/** A real server that is running. It dies with the process that started it. */
export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  /** Kills it by its own process id and waits until it is gone; harmless when it is. */
  readonly kill: () => Promise<void>;
}

export interface ServerOptions {
  readonly port: number;
  /** Its output goes into this file. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A port that nobody listens on now. Another process may take it before a server does: that server then fails loudly. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, "127.0.0.1", resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return port;
}

/** Starts a server that stays in the foreground, and waits until its port answers. */
export async function startServer(
  program: Program,
  args: readonly string[],
  options: ServerOptions,
): Promise<RunningServer> {
  const log = openSync(options.logFile, "a");
  // The kernel ends it with this process, also when that is killed.
  const child = spawn(path("setpriv"), ["--pdeathsig", "KILL", path(program), ...args], {
    stdio: ["ignore", log, log],
    env: { ...process.env, ...options.env },
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
  const server = { port: options.port, pid: child.pid ?? -1, kill: () => end(child, ended) };
  try {
    await untilReady(program, child, options);
  } catch (error) {
    await server.kill();
    throw error;
  }
  return server;
}

function path(program: Program): string {
  const found = findProgram(program);
  if (found === undefined) throw new Error(`${program} is not installed`);
  return found;
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await ended;
}

async function untilReady(
  program: string,
  child: ChildProcess,
  { port, logFile }: ServerOptions,
): Promise<void> {
  const startMs = performance.now();
  while (!(await answers(port))) {
    const gone = child.exitCode !== null || child.signalCode !== null;
    if (!gone && performance.now() - startMs < READY_MS) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      continue;
    }
    const log = readFileSync(logFile, "utf8").slice(-LOG_CHARACTERS);
    throw new Error(`${program} ${gone ? "ended at once" : `was not up within ${READY_MS} ms`}: ${log}`);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (up: boolean): void => {
      socket.destroy();
      resolve(up);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}
