import { Worker } from "node:worker_threads";
import type { Follower, HashedFile } from "../hash.ts";

/** Slots of the shared memory: bytes that are written, and whether more will come. */
const WRITTEN = 0;
const ENDED = 1;

// A worker's own program. It reads what was just written back from memory, and sleeps while there is nothing.
const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
const { closeSync, constants, openSync, readSync } = require("node:fs");
const { createHash } = require("node:crypto");
const state = new BigInt64Array(workerData.shared);
let fd = -1;
try {
  fd = openSync(workerData.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const buffer = Buffer.allocUnsafe(2 << 20);
  const hash = createHash("sha256");
  let at = 0;
  for (;;) {
    const ended = Atomics.load(state, ${ENDED}) === 1n;
    const written = Atomics.load(state, ${WRITTEN});
    const ready = Number(written) - at;
    if (ready < buffer.length && !ended) {
      Atomics.wait(state, ${WRITTEN}, written, 100);
      continue;
    }
    if (ready === 0) break;
    const got = readSync(fd, buffer, 0, Math.min(buffer.length, ready), at);
    if (got === 0) throw Object.assign(new Error("a file became shorter while it was read"), { code: "EIO" });
    hash.update(got === buffer.length ? buffer : buffer.subarray(0, got));
    at += got;
  }
  parentPort.postMessage({ done: { hex: hash.digest("hex"), sizeBytes: at } });
} catch (error) {
  parentPort.postMessage({ failed: { message: error.message, code: error.code } });
} finally {
  if (fd !== -1) closeSync(fd);
}
`;

interface Message {
  readonly done?: HashedFile;
  readonly failed?: { readonly message: string; readonly code?: string };
}

/** Hashes a file while it grows, in a thread of its own. */
export function followFile(path: string): Follower {
  const shared = new SharedArrayBuffer(16);
  const state = new BigInt64Array(shared);
  const worker = new Worker(PROGRAM, {
    eval: true,
    stdin: false,
    execArgv: [],
    workerData: { path, shared },
  });
  const result = new Promise<HashedFile>((resolve, reject) => {
    worker.once("message", ({ done, failed }: Message) => {
      if (done !== undefined) resolve(done);
      else reject(Object.assign(new Error(failed?.message), { code: failed?.code }));
    });
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the hashing thread ended without a digest")));
  });
  // It may fail before anybody asks for the digest.
  result.catch(() => undefined);
  return {
    advance(bytes) {
      Atomics.store(state, WRITTEN, BigInt(bytes));
      Atomics.notify(state, WRITTEN);
    },
    end() {
      Atomics.store(state, ENDED, 1n);
      Atomics.notify(state, WRITTEN);
      return result;
    },
    async abandon() {
      await worker.terminate();
    },
  };
}
