import { MAX_DEPTH, MAX_STACK_VALUES } from "./limits.ts";
import { refuse } from "./refusal.ts";
import { PickleDict, PickleList, type PickleNode, type PickleValue } from "./values.ts";

/** Dicts with more keys than this look their keys up in a set. */
const SMALL_DICT = 32;

/** A mark for each container that is being filled, and a few to spare. */
const MAX_MARKS = 2 * MAX_DEPTH;

/** The machine's stack. A mark is a height below which nothing may be taken until the mark is. */
export class Stack {
  readonly values: PickleValue[] = [];
  readonly marks: number[] = [];
  /** Keys of the last dict of each length: most dicts have the keys of one before them. */
  readonly #shapes = new Map<number, readonly string[]>();
  height = 0;
  #floor = 0;

  push(value: PickleValue): void {
    if (this.height >= MAX_STACK_VALUES)
      refuse("too-large", `more than ${MAX_STACK_VALUES} values on the stack`);
    this.values[this.height] = value;
    this.height += 1;
  }

  /** To be asked for every piece of the file: a piece of 1 MiB puts no more than a million values here. */
  checkHeight(): void {
    if (this.height > MAX_STACK_VALUES)
      refuse("too-large", `more than ${MAX_STACK_VALUES} values on the stack`);
  }

  mark(): void {
    if (this.marks.length >= MAX_MARKS) refuse("too-large", `more than ${MAX_MARKS} marks at one time`);
    this.marks.push(this.height);
    this.#floor = this.height;
  }

  /** Takes the last mark, and returns its height. */
  takeMark(): number {
    const at = this.marks.pop();
    if (at === undefined) refuse("malformed", "there is no mark to go back to");
    this.#floor = this.marks.at(-1) ?? 0;
    return at;
  }

  /** The value on top, which stays there. */
  top(): PickleValue {
    if (this.height <= this.#floor) refuse("malformed", "the stack is empty where a value is needed");
    return this.values[this.height - 1] as PickleValue;
  }

  /** The container right below `at`, into which what lies above is to be put. */
  list(at: number): PickleList {
    const list = at > this.#floor ? this.values[at - 1] : null;
    if (!(list instanceof PickleList) || !list.open) refuse("malformed", "items without a list of their own");
    return list;
  }

  dict(at: number): PickleDict {
    const dict = at > this.#floor ? this.values[at - 1] : null;
    if (!(dict instanceof PickleDict) || !dict.open) refuse("malformed", "keys without a dict of their own");
    return dict;
  }

  /** The list on top, when it is new, numbered and empty. */
  freshList(): PickleList | null {
    const top = this.height > this.#floor ? this.values[this.height - 1] : null;
    return top instanceof PickleList &&
      top.open &&
      top.memoAt !== -1 &&
      top.items.length === 0 &&
      !top.streamed
      ? top
      : null;
  }

  replaceTop(value: PickleValue): void {
    this.values[this.height - 1] = value;
  }

  /** Items of a container: those that are containers themselves never change again. */
  closeAll(items: readonly PickleValue[], into: { depth: number }): void {
    for (const item of items) if (typeof item === "object" && item !== null) this.#close(item, into);
  }

  /** Takes everything from `at` on as items of a container; containers among them never change again. */
  takeItems(at: number, depthBelow: { depth: number }): PickleValue[] {
    if (at < this.#floor || at > this.height)
      refuse("malformed", "the stack is empty where a value is needed");
    const items = this.values.slice(at, this.height);
    this.closeAll(items, depthBelow);
    this.height = at;
    return items;
  }

  /** Takes the first items above a mark, which stays. */
  takeFirst(mark: number, count: number, depthBelow: { depth: number }): PickleValue[] {
    const items = this.values.splice(mark, count);
    this.closeAll(items, depthBelow);
    this.height -= count;
    return items;
  }

  /** Takes keys and values from `at` on into a dict. */
  takePairs(at: number, dict: PickleDict): void {
    const count = (this.height - at) / 2;
    if (!Number.isInteger(count)) refuse("malformed", "a key without a value");
    const first = dict.keys.length === 0;
    const keys = this.#keysFrom(at, count, first);
    for (let index = 0; index < count; index++) {
      const value = this.values[at + 2 * index + 1] as PickleValue;
      if (typeof value === "object" && value !== null) this.#close(value, dict);
      dict.items.push(value);
    }
    dict.keys = first ? keys : unique([...dict.keys, ...keys]);
    this.height = at;
  }

  #keysFrom(at: number, count: number, whole: boolean): readonly string[] {
    const shape = whole ? this.#shapes.get(count) : undefined;
    let same = shape !== undefined;
    for (let index = 0; same && index < count; index++) same = shape?.[index] === this.values[at + 2 * index];
    if (same && shape !== undefined) return shape;
    const keys = Array.from({ length: count }, (_, index) => {
      const key = this.values[at + 2 * index];
      if (typeof key !== "string") refuse("malformed", "a dict has a key that is no string");
      return key;
    });
    if (!whole) return keys;
    unique(keys);
    if (count <= SMALL_DICT) this.#shapes.set(count, keys);
    return keys;
  }

  #close(value: PickleNode, into: { depth: number }): void {
    if (value.kind === "float") return;
    value.open = false;
    if (value.depth >= into.depth) into.depth = value.depth + 1;
    if (into.depth > MAX_DEPTH) refuse("too-large", `more than ${MAX_DEPTH} containers in each other`);
  }
}

function unique(keys: string[]): string[] {
  if (new Set(keys).size !== keys.length) refuse("malformed", "a dict has a key twice");
  return keys;
}
