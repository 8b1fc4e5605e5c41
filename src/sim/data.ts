import { PAGE_BYTES, pageOf } from "./pages.ts";

// Content without its bytes. A virtual byte is known by its content's number and its place: each 8 bytes of a
// content hold a mark, the number and the place's own number. So bytes can be made when somebody looks at them, and
// known again when somebody writes or hashes them: nobody outside can tell.

export const REAL = 0;
export const VIRTUAL = 1;
export const ZERO = 2;

/** A run of bytes. Never changed. */
export interface Run {
  readonly kind: typeof REAL | typeof VIRTUAL | typeof ZERO;
  readonly size: number;
  /** Of a real run: its bytes, all of them. */
  readonly bytes: Uint8Array;
  /** Of a virtual run: which content, and where in it the run begins. */
  readonly id: number;
  readonly from: number;
}

const NO_BYTES = new Uint8Array(0);
export const MARK = 0xa7;
export const WORD = 8;
/** Shorter ones are taken for what they are: bytes. Two whole marks are in this many. */
export const MIN_VIRTUAL_BYTES = 24;

export function realRun(bytes: Uint8Array): Run {
  return { kind: REAL, size: bytes.length, bytes, id: 0, from: 0 };
}

/** `size` bytes of content number `id` (0 to 65,535), from its byte `from` on. */
export function virtualRun(id: number, from: number, size: number): Run {
  return { kind: VIRTUAL, size, bytes: NO_BYTES, id, from };
}

export function zeroRun(size: number): Run {
  return { kind: ZERO, size, bytes: NO_BYTES, id: 0, from: 0 };
}

const SLAB_BYTES = 65_536;
/** Longer ones have memory of their own. */
export const MAX_SHARED_BYTES = 4096;
let slab: Uint8Array = new Uint8Array(SLAB_BYTES);
let slabAt = 0;

/** A copy: `slice` of a Buffer would share its memory. Short ones lie in one piece of memory, never written again. */
export function copied(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length > MAX_SHARED_BYTES) return new Uint8Array(bytes);
  if (slabAt + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    slabAt = 0;
  }
  const copy = slab.subarray(slabAt, slabAt + length);
  copy.set(bytes);
  slabAt += length;
  return copy;
}

/** A part of a run. */
export function cut(run: Run, from: number, size: number): Run {
  if (from === 0 && size === run.size) return run;
  if (run.kind === REAL) return realRun(run.bytes.subarray(from, from + size));
  return run.kind === ZERO ? zeroRun(size) : virtualRun(run.id, run.from + from, size);
}

/** The two as one run; null when they are none. */
export function joined(left: Run, right: Run): Run | null {
  if (left.kind !== right.kind) return null;
  if (left.kind === ZERO) return zeroRun(left.size + right.size);
  if (left.kind !== VIRTUAL || left.id !== right.id || left.from + left.size !== right.from) return null;
  return virtualRun(left.id, left.from, left.size + right.size);
}

export function sizeOf(runs: readonly Run[]): number {
  let sum = 0;
  for (const run of runs) sum += run.size;
  return sum;
}

/** A part of a sequence of runs; less where it ends before. */
export function part(runs: readonly Run[], offset: number, size: number): Run[] {
  const found: Run[] = [];
  let at = 0;
  for (const run of runs) {
    const first = Math.max(0, offset - at);
    const last = Math.min(run.size, offset + size - at);
    if (first < last) found.push(cut(run, first, last - first));
    at += run.size;
    if (at >= offset + size) break;
  }
  return found;
}

/** Writes a run's bytes into `target`, from `at` on. */
export function fill(run: Run, target: Uint8Array, at: number): void {
  if (run.kind === REAL) target.set(run.bytes, at);
  else if (run.kind === ZERO) target.fill(0, at, at + run.size);
  else fillVirtual(run.id, run.from, target, at, run.size);
}

export function bytesOf(runs: readonly Run[]): Uint8Array {
  const [only] = runs;
  if (runs.length === 1 && only?.kind === REAL) return only.bytes;
  const bytes = new Uint8Array(sizeOf(runs));
  let at = 0;
  for (const run of runs) {
    fill(run, bytes, at);
    at += run.size;
  }
  return bytes;
}

export const MAX_SMALL = 0x4000_0000;

export function wordAt(place: number, small: boolean): number {
  return small ? (place / WORD) | 0 : place / WORD;
}

export function byteAt(id: number, place: number): number {
  const lane = place % WORD;
  if (lane === 0) return MARK;
  if (lane === 1) return id & 0xff;
  if (lane === 2) return id >>> 8;
  return Math.floor(Math.floor(place / WORD) / 2 ** (8 * (lane - 3))) & 0xff;
}

function fillVirtual(id: number, from: number, target: Uint8Array, at: number, size: number): void {
  let paged = 0;
  for (; (from + paged) % PAGE_BYTES === 0 && size - paged >= PAGE_BYTES; paged += PAGE_BYTES) {
    target.set(page(id, from + paged), at + paged);
  }
  if (paged < size) makeVirtual(id, from + paged, target, at + paged, size - paged);
}

export function page(id: number, from: number): Uint8Array {
  return pageOf(id, from / PAGE_BYTES, (fresh) => makeVirtual(id, from, fresh, 0, PAGE_BYTES));
}

function makeVirtual(id: number, from: number, target: Uint8Array, at: number, size: number): void {
  let done = 0;
  while (done < size && (from + done) % WORD !== 0) {
    target[at + done] = byteAt(id, from + done);
    done += 1;
  }
  const small = (from + size) / WORD < MAX_SMALL;
  const low = MARK | (id << 8);
  let word = wordAt(from + done, small);
  const start = target.byteOffset + at + done;
  const count = (size - done) >> 3;
  if (small && start % 4 === 0) {
    // The long reads of a program: whole numbers at their own places. Every machine that runs this is little-endian.
    const words = new Uint32Array(target.buffer, start, 2 * count);
    for (let index = 0; index < 2 * count; index += 2, word++) {
      words[index] = low | ((word & 0xff) << 24);
      words[index + 1] = word >>> 8;
    }
    done += count * WORD;
  }
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  for (; done + WORD <= size; word++, done += WORD) {
    view.setUint32(at + done, low | ((word & 0xff) << 24), true);
    view.setUint32(at + done + 4, small ? word >>> 8 : Math.floor(word / 256), true);
  }
  for (; done < size; done++) target[at + done] = byteAt(id, from + done);
}
