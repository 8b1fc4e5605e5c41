import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { HashedFile, HashFileOptions } from "../hash.ts";

/** Hashing is bound by cores and memory: more workers than this gain nothing on any disk. */
const MAX_WORKERS = 16;

// A worker's own program. Synchronous reads of 4 MiB: SHA-256 then runs at its full speed.
const PROGRAM = `
const { parentPort } = require("node:worker_threads");
const { closeSync, constants, fstatSync, openSync, readSync } = require("node:fs");
const { createHash } = require("node:crypto");
const buffer = Buffer.allocUnsafe(4 << 20);
const REPORT_BYTES = 64 << 20;
parentPort.on("message", (path) => {
  let fd = -1;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) throw Object.assign(new Error(path + " is not a file"), { code: "EINVAL" });
    const hash = createHash("sha256");
    let sizeBytes = 0;
    let told = 0;
    for (;;) {
      const got = readSync(fd, buffer, 0, buffer.length, null);
      if (got === 0) break;
      hash.update(got === buffer.length ? buffer : buffer.subarray(0, got));
      sizeBytes += got;
      if (sizeBytes - told >= REPORT_BYTES) {
        parentPort.postMessage({ bytes: sizeBytes - told });
        told = sizeBytes;
      }
    }
    parentPort.postMessage({ bytes: sizeBytes - told, done: { hex: hash.digest("hex"), sizeBytes } });
  } catch (error) {
    parentPort.postMessage({ bytes: 0, failed: { message: error.message, code: error.code } });
  } finally {
    if (fd !== -1) closeSync(fd);
  }
});
`;

interface Message {
  readonly bytes: number;
  readonly done?: HashedFile;
  readonly failed?: { readonly message: string; readonly code?: string };
}

const idle: Worker[] = [];
const waiting: (() => void)[] = [];
let busy = 0;

/** Hashes a file in a worker thread; waits while every core has one. */
export async function hashFile(path: string, options: HashFileOptions): Promise<HashedFile> {
  while (busy >= Math.min(MAX_WORKERS, availableParallelism())) {
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  options.signal?.throwIfAborted();
  busy += 1;
  try {
    return await hashIn(idle.pop() ?? newWorker(), path, options);
  } finally {
    busy -= 1;
    waiting.shift()?.();
  }
}

function newWorker(): Worker {
  // No stdio of its own, and an idle one must not keep the process alive.
  const worker = new Worker(PROGRAM, { eval: true, stdin: false, execArgv: [] });
  worker.unref();
  return worker;
}

function hashIn(worker: Worker, path: string, options: HashFileOptions): Promise<HashedFile> {
  worker.ref();
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      settle();
      const fail = (): void => reject(options.signal?.reason as Error);
      worker.terminate().then(fail, fail);
    };
    const fail = (error: Error): void => {
      settle();
      reject(error);
    };
    const hear = (message: Message): void => {
      if (message.bytes > 0) options.onBytes?.(message.bytes);
      if (message.done === undefined && message.failed === undefined) return;
      settle();
      worker.unref();
      idle.push(worker);
      if (message.done !== undefined) resolve(message.done);
      else reject(Object.assign(new Error(message.failed?.message), { code: message.failed?.code }));
    };
    const settle = (): void => {
      worker.off("message", hear);
      worker.off("error", fail);
      options.signal?.removeEventListener("abort", stop);
    };
    worker.on("message", hear);
    worker.on("error", fail);
    options.signal?.addEventListener("abort", stop);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
    worker.postMessage(path);
  });
}
