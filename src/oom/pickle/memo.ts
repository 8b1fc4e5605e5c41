import type { Keeper } from "./keeper.ts";
import { MAX_MEMO_ENTRIES } from "./limits.ts";
import { uint32 } from "./numbers.ts";
import { LONG_BINGET } from "./opcodes.ts";
import { refuse } from "./refusal.ts";
import { isContainer, type PickleContainer, type PickleValue } from "./values.ts";

const PAGE_BITS = 10;
const PAGE_ENTRIES = 1 << PAGE_BITS;

/** Stands for a value that was handed on and let go. */
const GONE = Symbol("gone");

type Slot = PickleValue | typeof GONE | undefined;

/** Pages that stay as they are: what is in them may still be on the stack. Python puts a thousand items there. */
const WARM_PAGES = 8;

/** In a packed page: the number was given to what was let go. */
const PACKED_GONE = -1;

/**
 * The pickle's memo: values by number. Pages keep it from being copied as it grows. A page that holds nothing but what
 * was let go and what is kept by its id is packed: four bytes a number.
 */
export class Memo {
  readonly #keeper: Keeper;
  readonly #pages: (Slot[] | undefined)[] = [];
  readonly #packed: (Int32Array | undefined)[] = [];
  #count = 0;
  /** True when a number was given to another value. No pickler does that. */
  overwritten = false;

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  put(index: number, value: PickleValue): void {
    if (index >= MAX_MEMO_ENTRIES) refuse("too-large", `memo number ${index} is beyond ${MAX_MEMO_ENTRIES}`);
    const at = index >>> PAGE_BITS;
    while (this.#pages.length < at) this.#pages.push(undefined);
    const page = (this.#pages[at] ??= this.#newPage(at));
    const slot = index & (PAGE_ENTRIES - 1);
    if (slot === PAGE_ENTRIES - 1) this.#pack(at - WARM_PAGES);
    if (page[slot] === undefined) this.#count += 1;
    else this.overwritten = true;
    page[slot] = value;
    if (!isContainer(value)) return;
    // No pickler numbers a container twice; and a list that was handed on must never be shared.
    if (value.memoAt !== -1 || (value.kind === "list" && value.streamed)) {
      refuse("unsupported-sharing", `memo number ${index} is for a container that has one or was handed on`);
    }
    value.memoAt = index;
  }

  /** The next number: how many there are, as Python counts them. */
  append(value: PickleValue): void {
    this.put(this.#count, value);
  }

  /** What is shared must be whole: filling it from here on is refused, and so is what contains itself. */
  get(index: number): PickleValue {
    const value = this.#pages[index >>> PAGE_BITS]?.[index & (PAGE_ENTRIES - 1)] ?? this.#unusual(index);
    if (value === undefined) refuse("malformed", `memo number ${index} was never set`);
    if (value === GONE)
      refuse("unsupported-sharing", `memo number ${index} stands in a list that was handed on`);
    if (typeof value === "object" && value !== null) value.open = false;
    return value;
  }

  /** The values of all memo numbers between two places in `bytes`. */
  all(bytes: Uint8Array, from: number, end: number): PickleValue[] {
    const values: PickleValue[] = [];
    for (let at = from; at < end; ) {
      const long = bytes[at] === LONG_BINGET;
      values.push(this.get(long ? uint32(bytes, at + 1) : (bytes[at + 1] as number)));
      at += long ? 5 : 2;
    }
    return values;
  }

  /** Puts another value in the place of a container; nothing when its number was taken by another since. */
  replace(container: PickleContainer, value: PickleContainer | null): void {
    const index = container.memoAt;
    const page = index === -1 ? undefined : this.#pages[index >>> PAGE_BITS];
    const slot = index & (PAGE_ENTRIES - 1);
    if (page?.[slot] === container) page[slot] = value ?? GONE;
  }

  /** What stands in a packed page, or a value that is null. */
  #unusual(index: number): Slot {
    const id = this.#packed[index >>> PAGE_BITS]?.[index & (PAGE_ENTRIES - 1)];
    if (id === undefined) return this.#pages[index >>> PAGE_BITS]?.[index & (PAGE_ENTRIES - 1)];
    return id === PACKED_GONE ? GONE : this.#keeper.at(id);
  }

  /** A page that was packed is unpacked when one of its numbers is given anew. */
  #newPage(at: number): Slot[] {
    const packed = this.#packed[at];
    this.#packed[at] = undefined;
    return Array.from({ length: PAGE_ENTRIES }, (_, slot): Slot => {
      const id = packed?.[slot];
      return id === undefined ? undefined : id === PACKED_GONE ? GONE : this.#keeper.at(id);
    });
  }

  #pack(at: number): void {
    const page = this.#pages[at];
    if (page === undefined) return;
    const ids = new Int32Array(PAGE_ENTRIES);
    for (let slot = 0; slot < PAGE_ENTRIES; slot++) {
      const value = page[slot];
      if (value === GONE) ids[slot] = PACKED_GONE;
      else if (isContainer(value) && value.id >= 0) ids[slot] = value.id;
      else return;
    }
    this.#pages[at] = undefined;
    this.#packed[at] = ids;
  }
}
