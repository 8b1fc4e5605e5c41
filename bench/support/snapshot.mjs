// Writes a long memory snapshot as Python's pickler does, in protocol 4 and with its batches of a thousand, but entry
// by entry: Python itself would need gigabytes of memory for it.
import { closeSync, openSync, writeSync } from "node:fs";

const BATCH = 1000;
const LIVE = 2000;
const PIECE_BYTES = 4 * 1024 * 1024;

/** Frames of the program, and stacks that it allocates from: each event has a list of its own with shared frames. */
const FRAMES = 4000;
const STACKS = 5000;

/** @param {number} seed */
function randomFrom(seed) {
  let state = seed >>> 0;
  /** @param {number} limit */
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

class Pickler {
  /** @type {Buffer} */
  #buffer = Buffer.allocUnsafe(PIECE_BYTES + 65536);
  #at = 0;
  /** @type {number} */
  #fd;
  written = 0;
  memo = 0;

  /** @param {string} path */
  constructor(path) {
    this.#fd = openSync(path, "w");
    this.op(0x80, 4);
  }

  /** @param {number[]} bytes */
  op(...bytes) {
    for (const byte of bytes) this.#buffer[this.#at++] = byte;
    if (this.#at >= PIECE_BYTES) this.flush();
  }

  /** @param {string} text */
  text(text) {
    this.op(0x8c, text.length, ...Buffer.from(text));
    return this.memoize();
  }

  memoize() {
    this.op(0x94);
    return this.memo++;
  }

  /** @param {number} index */
  get(index) {
    if (index < 256) this.op(0x68, index);
    else this.op(0x6a, index & 255, (index >> 8) & 255, (index >> 16) & 255, (index >>> 24) & 255);
  }

  /** @param {number} value from 0 */
  int(value) {
    if (value < 256) this.op(0x4b, value);
    else if (value < 65536) this.op(0x4d, value & 255, value >> 8);
    else if (value < 2 ** 31)
      this.op(0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
    else {
      const bytes = [];
      for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
      if ((bytes.at(-1) ?? 0) >= 128) bytes.push(0);
      this.op(0x8a, bytes.length, ...bytes);
    }
  }

  flush() {
    writeSync(this.#fd, this.#buffer, 0, this.#at);
    this.written += this.#at;
    this.#at = 0;
  }

  close() {
    this.flush();
    closeSync(this.#fd);
  }
}

/**
 * @param {string} path
 * @param {number} sizeBytes
 * @returns {number} how many events it has
 */
export function writeSnapshot(path, sizeBytes) {
  const random = randomFrom(1);
  const out = new Pickler(path);
  out.op(0x7d);
  out.memoize();
  out.op(0x28);
  out.text("segments");
  out.op(0x5d);
  out.memoize();
  out.text("device_traces");
  out.op(0x5d);
  out.memoize();
  const keys = new Map();
  const names = ["action", "addr", "size", "stream", "time_us", "frames", "name", "filename", "line"];
  /** @param {string} name */
  const key = (name) => {
    if (keys.has(name)) out.get(keys.get(name));
    else keys.set(name, out.text(name));
  };
  /** @type {(number | undefined)[]} */
  const frames = [];
  /** @param {number} index */
  const frame = (index) => {
    const known = frames[index];
    if (known !== undefined) return out.get(known);
    out.op(0x7d);
    frames[index] = out.memoize();
    out.op(0x28);
    key("name");
    out.text(`forward_${index}`);
    key("filename");
    key(`/src/model/layer_${index % 60}.py`);
    key("line");
    out.int(index + 1);
    out.op(0x75);
  };
  const stacks = Array.from({ length: STACKS }, () =>
    Array.from({ length: 20 + random(40) }, () => random(FRAMES)),
  );
  // A list of one trace: Python appends it without a mark.
  out.op(0x5d);
  out.memoize();
  /** @type {{ addr: number, size: number, stack: number }[]} */
  const live = [];
  let now = 1_795_000_000_000_000;
  let events = 0;
  while (out.written < sizeBytes) {
    out.op(0x28);
    for (let item = 0; item < BATCH; item++, events++) {
      now += 1 + random(9);
      const old = live.length > LIVE || (live.length > 0 && random(10) < 4);
      const at = random(live.length);
      const event = old
        ? live[at]
        : { addr: 0x7f0000000000 + events * 512, size: 1 + random(1 << 24), stack: -1 };
      if (event === undefined) throw new Error("no live block");
      out.op(0x7d);
      out.memoize();
      out.op(0x28);
      key(names[0] ?? "");
      key(old ? "free_completed" : "alloc");
      key("addr");
      out.int(event.addr);
      key("size");
      out.int(event.size);
      key("stream");
      out.int(0);
      key("frames");
      if (old) {
        out.get(event.stack);
        live[at] = /** @type {typeof event} */ (live.at(-1));
        live.pop();
      } else {
        out.op(0x5d);
        event.stack = out.memoize();
        out.op(0x28);
        for (const index of stacks[random(STACKS)] ?? []) frame(index);
        out.op(0x65);
        live.push(event);
      }
      key("time_us");
      out.int(now);
      out.op(0x75);
    }
    out.op(0x65);
  }
  out.op(0x61, 0x75, 0x2e);
  out.close();
  return events;
}
