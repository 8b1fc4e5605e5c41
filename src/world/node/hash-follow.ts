import { Worker } from "node:worker_threads";
import type { Follower, FollowOptions, HashedFile } from "../hash.ts";

/** Slots of the shared memory: bytes that are written, whether more will come, how often `again` was called. */
const WRITTEN = 0;
const ENDED = 1;
const AGAIN = 2;

/** Parts are fetched again whole: larger ones would make a repair dear. */
const MAX_PART_BYTES = 64 * 1024 * 1024;

// A worker's own program. It reads what was just written back from memory, and sleeps while there is nothing.
// At the start of a part it keeps a copy of the whole file's hash: a bad part goes back to it, so that nothing is
// read twice or kept in memory for the comparison.
const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
const { closeSync, constants, openSync, readSync } = require("node:fs");
const { createHash } = require("node:crypto");
const state = new BigInt64Array(workerData.shared);
const parts = workerData.parts;
let fd = -1;
try {
  fd = openSync(workerData.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const buffer = Buffer.allocUnsafe(2 << 20);
  let hash = createHash("sha256");
  let before = hash;
  let part = null;
  let at = 0;
  for (;;) {
    const ended = Atomics.load(state, ${ENDED}) === 1n;
    const written = Atomics.load(state, ${WRITTEN});
    const ready = Number(written) - at;
    const wanted = parts === null ? buffer.length : Math.min(buffer.length, parts.partBytes - (at % parts.partBytes));
    if (ready < wanted && !ended) {
      Atomics.wait(state, ${WRITTEN}, written, 100);
      continue;
    }
    if (ready > 0) {
      if (parts !== null && part === null) {
        if (at >= parts.partBytes * parts.hex.length) throw new Error("the file is longer than its parts");
        before = hash.copy();
        part = createHash("sha256");
      }
      const got = readSync(fd, buffer, 0, Math.min(wanted, ready), at);
      if (got === 0) throw Object.assign(new Error("a file became shorter while it was read"), { code: "EIO" });
      const bytes = got === buffer.length ? buffer : buffer.subarray(0, got);
      hash.update(bytes);
      part?.update(bytes);
      at += got;
    }
    const last = ended && at === Number(written);
    if (part !== null && (last || at % parts.partBytes === 0)) {
      const index = Math.ceil(at / parts.partBytes) - 1;
      const hex = part.digest("hex");
      part = null;
      if (hex !== parts.hex[index]) {
        const calls = Atomics.load(state, ${AGAIN});
        parentPort.postMessage({ bad: { index, hex } });
        Atomics.wait(state, ${AGAIN}, calls);
        hash = before;
        at = index * parts.partBytes;
        continue;
      }
    }
    if (last) break;
  }
  parentPort.postMessage({ done: { hex: hash.digest("hex"), sizeBytes: at } });
} catch (error) {
  parentPort.postMessage({ failed: { message: error.message, code: error.code } });
} finally {
  if (fd !== -1) closeSync(fd);
}
`;

interface Message {
  readonly bad?: { readonly index: number; readonly hex: string };
  readonly done?: HashedFile;
  readonly failed?: { readonly message: string; readonly code?: string };
}

/** Hashes a file while it grows, in a thread of its own. Throws RangeError for parts of more than 64 MiB. */
export function followFile(path: string, options: FollowOptions): Follower {
  const { parts = null } = options;
  if (parts !== null && !isPartSize(parts.partBytes)) {
    throw new RangeError(`parts of ${parts.partBytes} bytes: at least 1, at most ${MAX_PART_BYTES}`);
  }
  const shared = new SharedArrayBuffer(24);
  const state = new BigInt64Array(shared);
  const worker = new Worker(PROGRAM, {
    eval: true,
    stdin: false,
    execArgv: [],
    workerData: { path, shared, parts },
  });
  const result = new Promise<HashedFile>((resolve, reject) => {
    worker.on("message", ({ bad, done, failed }: Message) => {
      if (bad !== undefined) options.onBadPart?.(bad.index, bad.hex);
      else if (done !== undefined) resolve(done);
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
    again() {
      Atomics.add(state, AGAIN, 1n);
      Atomics.notify(state, AGAIN);
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

function isPartSize(bytes: number): boolean {
  return Number.isInteger(bytes) && bytes >= 1 && bytes <= MAX_PART_BYTES;
}
