import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { constants } from "node:os";
import type { Supervised, SupervisedEnd, SuperviseSpec } from "../supervise.ts";
import { loadLibc, type RawEnd } from "./libc.ts";
import { passOn } from "./pass-on.ts";

/** Starts a program in this process's place, its stderr read on the way where that is asked for. */
export async function startSupervised(spec: SuperviseSpec): Promise<Supervised> {
  const libc = await loadLibc();
  const { onStderr } = spec;
  const pipe = onStderr === undefined ? undefined : libc?.pipe();
  const [program, ...args] = spec.argv;
  const floorRssBytes = process.memoryUsage.rss();
  const child = spawn(program, args, {
    env: spec.env,
    stdio: ["inherit", "inherit", pipe?.writeFd ?? (onStderr === undefined ? "inherit" : "pipe")],
  });
  const startedMs = performance.now();
  if (pipe !== undefined) closeSync(pipe.writeFd);
  const { pid } = child;
  if (pid === undefined) {
    if (pipe !== undefined) closeSync(pipe.readFd);
    return neverStarted(child);
  }
  const ended =
    libc === undefined ? endByNode(child, floorRssBytes) : endByKernel(libc.waitFor(pid), floorRssBytes);
  const stderr =
    pipe === undefined ? child.stderr : new Socket({ fd: pipe.readFd, readable: true, writable: false });
  // Node counts the child as its own to wait for, but is never told of its end.
  if (libc !== undefined) child.unref();
  return {
    ...{ pid, startedMs, ended },
    stderrClosed: stderr === null || onStderr === undefined ? Promise.resolve() : tap(stderr, onStderr),
    release: () => void stderr?.destroy(),
  };
}

function neverStarted(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    child.once("error", reject);
  });
}

async function endByKernel(raw: Promise<RawEnd>, floorRssBytes: number): Promise<SupervisedEnd> {
  const { status, maxRssBytes } = await raw;
  const number = status & 0x7f;
  const killed = number !== 0;
  return {
    exitCode: killed ? null : (status >> 8) & 0xff,
    signal: killed ? number : null,
    endedMs: performance.now(),
    peakRssBytes: maxRssBytes,
    floorRssBytes,
  };
}

function endByNode(child: ChildProcess, floorRssBytes: number): Promise<SupervisedEnd> {
  return new Promise((resolve) => {
    child.once("exit", (code, name) => {
      resolve({
        exitCode: name === null ? (code ?? 1) : null,
        signal: name === null ? null : constants.signals[name],
        endedMs: performance.now(),
        peakRssBytes: null,
        floorRssBytes,
      });
    });
  });
}

function tap(
  stream: NodeJS.ReadableStream & { destroy(): unknown },
  onStderr: (bytes: Uint8Array) => void,
): Promise<void> {
  return new Promise((resolve) => {
    stream.on("data", (bytes: Buffer) => {
      // Whoever read our stderr has gone: the program is to learn that in the same way.
      if (!passOn(bytes)) stream.destroy();
      onStderr(bytes);
    });
    stream.on("error", () => undefined);
    stream.once("close", () => resolve());
  });
}
