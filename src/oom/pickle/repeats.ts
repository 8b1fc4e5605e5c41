import { Buffer } from "node:buffer";
import { APPENDS, BINGET, LONG_BINGET } from "./opcodes.ts";
import { uint32 } from "./numbers.ts";
import type { Books } from "./books.ts";
import { CONTAINER_UNITS } from "./limits.ts";
import type { Memo } from "./memo.ts";
import type { Stack } from "./stack.ts";
import type { PickleList } from "./values.ts";
import type { ByteWindow } from "./window.ts";

/** Lists remembered by their bytes. A list that pushes another out is only read anew the next time. */
const MAX_LISTS = 65_536;

interface Remembered {
  readonly bytes: Buffer;
  readonly list: PickleList;
}

/**
 * Lists that were read before, known by their bytes alone: `MARK`, memo numbers, `APPENDS`. The stacks of a snapshot
 * are such lists, one for each event, and most repeat an earlier one. The same numbers give the same list as long as
 * no number is given to another value.
 */
export class Repeats {
  readonly #stack: Stack;
  readonly #memo: Memo;
  readonly #books: Books;
  readonly #byHash = new Map<number, Remembered>();
  /** Where the list's `APPENDS` stands, and a hash of its numbers, after `#scan`. */
  #end = 0;
  #hash = 0;

  constructor(stack: Stack, memo: Memo, books: Books) {
    this.#stack = stack;
    this.#memo = memo;
    this.#books = books;
  }

  /** Reads a whole list of memo numbers, which begin at `at` behind its mark. False for everything else. */
  take(window: ByteWindow, at: number): boolean {
    const { bytes, limit } = window;
    const list = this.#stack.freshList();
    // Lists that may be handed on item by item lie under fewer marks.
    if (list === null || this.#stack.marks.length <= 2 || !this.#scan(bytes, at, limit)) return false;
    if (this.#memo.overwritten) this.#byHash.clear();
    let kept = this.#find(bytes, at);
    if (kept === undefined) {
      list.items = this.#memo.all(bytes, at, this.#end);
      this.#books.hold(list.items.length);
      this.#stack.closeAll(list.items, list);
      kept = this.#books.keepList(list);
      this.#remember(bytes, at, kept);
    } else {
      this.#books.hold(-CONTAINER_UNITS);
      this.#memo.replace(list, kept);
    }
    this.#stack.replaceTop(kept);
    window.at = this.#end + 1;
    return true;
  }

  /** True when nothing but memo numbers stands between `from` and an `APPENDS` before `limit`. */
  #scan(bytes: Buffer, from: number, limit: number): boolean {
    let at = from;
    let hash = 0;
    for (;;) {
      const opcode = bytes[at];
      let index: number;
      if (opcode === LONG_BINGET && at + 5 < limit) {
        index = uint32(bytes, at + 1);
        at += 5;
      } else if (opcode === BINGET && at + 2 < limit) {
        index = bytes[at + 1] as number;
        at += 2;
      } else {
        break;
      }
      hash = Math.imul(hash ^ index, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    this.#end = at;
    this.#hash = hash;
    return at > from && at < limit && bytes[at] === APPENDS;
  }

  #find(bytes: Buffer, from: number): PickleList | undefined {
    const known = this.#byHash.get(this.#hash);
    if (known === undefined || known.bytes.length !== this.#end - from) return undefined;
    return bytes.compare(known.bytes, 0, known.bytes.length, from, this.#end) === 0 ? known.list : undefined;
  }

  #remember(bytes: Buffer, from: number, list: PickleList): void {
    if (this.#byHash.size >= MAX_LISTS) this.#byHash.clear();
    this.#byHash.set(this.#hash, { bytes: Buffer.from(bytes.subarray(from, this.#end)), list });
  }
}
