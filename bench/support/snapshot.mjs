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

/** Writes the parts of a snapshot; what was written once is asked for by its number in the memo. */
class Parts {
  /** @type {Map<string, number>} */
  #texts = new Map();
  /** @type {(number | undefined)[]} */
  #frames = [];

  /** @param {Pickler} out */
  constructor(out) {
    this.out = out;
  }

  /** @param {string} text */
  text(text) {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, this.out.text(text));
    else this.out.get(known);
  }

  list() {
    this.out.op(0x5d);
    return this.out.memoize();
  }

  dict() {
    this.out.op(0x7d);
    const index = this.out.memoize();
    this.out.op(0x28);
    return index;
  }

  /** @param {string} name @param {number} value */
  pair(name, value) {
    this.text(name);
    this.out.int(value);
  }

  /** @param {number} index */
  frame(index) {
    const known = this.#frames[index];
    if (known !== undefined) return this.out.get(known);
    this.#frames[index] = this.dict();
    this.text("name");
    this.text(`forward_${index}`);
    this.text("filename");
    this.text(`/src/model/layer_${index % 60}.py`);
    this.pair("line", index + 1);
    this.out.op(0x75);
  }

  /** One event; returns the number of the list of its frames. @param {Block} block @param {boolean} free @param {number} timeUs */
  event(block, free, timeUs) {
    this.dict();
    this.text("action");
    this.text(free ? "free_completed" : "alloc");
    this.pair("addr", block.addr);
    this.pair("size", block.size);
    this.pair("stream", 0);
    this.text("frames");
    let { list } = block;
    if (free) this.out.get(list);
    else {
      list = this.list();
      this.out.op(0x28);
      for (const index of block.stack) this.frame(index);
      this.out.op(0x65);
    }
    this.pair("time_us", timeUs);
    this.out.op(0x75);
    return list;
  }
}

/** @typedef {{ addr: number, size: number, stack: readonly number[], list: number }} Block */

/**
 * @param {string} path
 * @param {number} sizeBytes
 * @returns {number} how many events it has
 */
export function writeSnapshot(path, sizeBytes) {
  const random = randomFrom(1);
  const out = new Pickler(path);
  const parts = new Parts(out);
  const stacks = Array.from({ length: STACKS }, () =>
    Array.from({ length: 20 + random(40) }, () => random(FRAMES)),
  );
  parts.dict();
  parts.text("segments");
  parts.list();
  parts.text("device_traces");
  parts.list();
  // A list of one trace: Python appends it without a mark.
  parts.list();
  /** @type {Block[]} */
  const live = [];
  let now = 1_795_000_000_000_000;
  let events = 0;
  while (out.written < sizeBytes) {
    out.op(0x28);
    for (let item = 0; item < BATCH; item++, events++) {
      now += 1 + random(9);
      const free = live.length > LIVE || (live.length > 0 && random(10) < 4);
      const old = free ? live[random(live.length)] : undefined;
      const stack = stacks[random(STACKS)] ?? [];
      const fresh = { addr: 0x7f0000000000 + events * 512, size: 1 + random(1 << 24), stack, list: -1 };
      const block = old ?? fresh;
      block.list = parts.event(block, free, now);
      if (free) {
        live[live.indexOf(block)] = /** @type {Block} */ (live.at(-1));
        live.pop();
      } else live.push(block);
    }
    out.op(0x65);
  }
  out.op(0x61, 0x75, 0x2e);
  out.close();
  return events;
}
