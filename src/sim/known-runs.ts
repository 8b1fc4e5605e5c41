import {
  byteAt,
  cut,
  MARK,
  MAX_SMALL,
  MIN_VIRTUAL_BYTES,
  page,
  REAL,
  realRun,
  type Run,
  VIRTUAL,
  virtualRun,
  WORD,
  wordAt,
  bytesOf,
  zeroRun,
} from "./data.ts";
import { PAGE_BYTES } from "./pages.ts";

// Bytes that somebody wrote or hashes, known again as what they are.

const MIN_ZEROS = 64;

/** How many pairs are what the content's words from `word` on are. */
function matchingWords(words: Uint32Array, low: number, word: number): number {
  let index = 0;
  for (; index < words.length; index += 2, word++) {
    if (words[index] !== (low | ((word & 0xff) << 24)) >>> 0 || words[index + 1] !== word >>> 8) break;
  }
  return index / 2;
}

/** How many bytes from `at` on are this virtual content. */
export function matching(bytes: Uint8Array, at: number, id: number, from: number): number {
  let done = 0;
  const size = bytes.length - at;
  for (; (from + done) % PAGE_BYTES === 0 && size - done >= PAGE_BYTES; done += PAGE_BYTES) {
    const piece = bytes.subarray(at + done, at + done + PAGE_BYTES);
    if (Buffer.compare(piece, page(id, from + done)) !== 0) break;
  }
  while (done < size && (from + done) % WORD !== 0) {
    if (bytes[at + done] !== byteAt(id, from + done)) return done;
    done += 1;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const low = MARK | (id << 8);
  const small = (from + size) / WORD < MAX_SMALL;
  const start = bytes.byteOffset + at + done;
  // The long reads of a program, as above: several times as fast by whole numbers.
  if (small && start % 4 === 0) {
    const words = new Uint32Array(bytes.buffer, start, 2 * ((size - done) >> 3));
    const count = matchingWords(words, low >>> 0, wordAt(from + done, true));
    done += count * WORD;
  }
  for (let word = wordAt(from + done, small); done + WORD <= size; word++, done += WORD) {
    if (view.getInt32(at + done, true) !== (low | ((word & 0xff) << 24))) break;
    if (view.getUint32(at + done + 4, true) !== (small ? word >>> 8 : Math.floor(word / 256))) break;
  }
  while (done < size && bytes[at + done] === byteAt(id, from + done)) done += 1;
  return done;
}

/** Bytes as runs: what is virtual or empty is known again. Real runs share the memory of `bytes`. */
export function runsOf(bytes: Uint8Array): Run[] {
  if (bytes.length < MIN_VIRTUAL_BYTES) return bytes.length === 0 ? [] : [realRun(bytes)];
  const found: Run[] = [];
  let start = 0;
  let look = 0;
  const take = (from: number, run: Run): void => {
    if (from > start) found.push(realRun(bytes.subarray(start, from)));
    found.push(run);
    start = from + run.size;
    look = start;
  };
  // Buffer's own search of some hundred bytes takes half as long as that of arrays of bytes, or less.
  const search = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  while (look < bytes.length) {
    const mark = search.indexOf(MARK, look);
    const zero = search.indexOf(0, look);
    if (mark === -1 && zero === -1) break;
    if (zero !== -1 && (mark === -1 || zero < mark)) {
      let end = zero + 1;
      while (end < bytes.length && bytes[end] === 0) end += 1;
      if (end - zero >= MIN_ZEROS) take(zero, zeroRun(end - zero));
      else look = end;
      continue;
    }
    const run = virtualAt(bytes, mark, start);
    if (run === null) look = mark + 1;
    else take(run.at, run.run);
  }
  if (start < bytes.length) found.push(start === 0 ? realRun(bytes) : realRun(bytes.subarray(start)));
  return found;
}

/** A virtual run around a mark; it may begin within the 7 bytes before it, but not before `least`. */
function virtualAt(
  bytes: Uint8Array,
  mark: number,
  least: number,
): { readonly at: number; readonly run: Run } | null {
  if (bytes[mark + WORD] !== MARK || mark + 2 * WORD > bytes.length) return null;
  const id = (bytes[mark + 1] ?? 0) | ((bytes[mark + 2] ?? 0) << 8);
  let word = 0;
  for (let lane = 7; lane >= 3; lane--) word = word * 256 + (bytes[mark + lane] ?? 0);
  const from = word * WORD;
  const size = matching(bytes, mark, id, from);
  let before = 0;
  while (
    mark - before > least &&
    from - before > 0 &&
    bytes[mark - before - 1] === byteAt(id, from - before - 1)
  ) {
    before += 1;
  }
  if (size + before < MIN_VIRTUAL_BYTES) return null;
  return { at: mark - before, run: virtualRun(id, from - before, size + before) };
}

/** True when both are the same bytes. Only runs that are not known as what they are need to be looked at. */
export function sameRuns(left: readonly Run[], right: readonly Run[]): boolean {
  let [l, r] = [0, 0];
  let [a, b] = [left[0], right[0]];
  while (a !== undefined && b !== undefined) {
    const size = Math.min(a.size, b.size);
    if (!sameRun(cut(a, 0, size), cut(b, 0, size))) return false;
    a = size === a.size ? left[++l] : cut(a, size, a.size - size);
    b = size === b.size ? right[++r] : cut(b, size, b.size - size);
  }
  return a === undefined && b === undefined;
}

function sameRun(a: Run, b: Run): boolean {
  if (a.kind === b.kind && a.kind !== REAL) {
    if (a.kind !== VIRTUAL || (a.id === b.id && a.from === b.from)) return true;
  }
  if (a.kind !== REAL && b.kind !== REAL && a.size >= MIN_VIRTUAL_BYTES) return false;
  return Buffer.compare(bytesOf([a]), bytesOf([b])) === 0;
}
