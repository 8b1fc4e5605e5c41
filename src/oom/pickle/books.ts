import { CONTAINER_UNITS, MAX_HELD_UNITS } from "./limits.ts";
import type { Keeper } from "./keeper.ts";
import type { Memo } from "./memo.ts";
import { refuse } from "./refusal.ts";
import { isContainer, type PickleContainer, PickleDict, PickleList, type PickleValue } from "./values.ts";

/** Parts of a segment that are let go with it: a snapshot has each of them in one place only. */
const LET_GO: ReadonlySet<string> = new Set(["blocks", "history"]);

/** A character may take two bytes. */
const CHARACTERS_PER_UNIT = 4;

/** The id of what was let go, so that nothing is counted off twice. */
const GONE = -2;

/** Keeps account of what is held, and lets go of what was handed on. */
export class Books {
  readonly #memo: Memo;
  readonly #keeper: Keeper;
  #units = 0;

  constructor(memo: Memo, keeper: Keeper) {
    this.#memo = memo;
    this.#keeper = keeper;
  }

  /** Units of 8 bytes for new values. Throws a refusal beyond the limit. */
  hold(units: number): void {
    this.#units += units;
    if (this.#units > MAX_HELD_UNITS) refuse("too-large", "what must be held at one time is beyond 512 MiB");
  }

  /** Counts each different string once. */
  holdString(text: string): void {
    if (this.#keeper.string(text)) this.hold(CONTAINER_UNITS + text.length / CHARACTERS_PER_UNIT);
  }

  /** Before an item is handed on: what others may share, such as its stack, becomes one object with an id. */
  keepParts(item: PickleValue): void {
    if (!isContainer(item)) return;
    const { items } = item;
    const keys = item instanceof PickleDict ? item.keys : [];
    for (let index = 0; index < items.length; index++) {
      const part = items[index];
      if (typeof part !== "object" || part === null || !isContainer(part) || part.id !== -1) continue;
      if (!LET_GO.has(keys[index] ?? "")) items[index] = this.#keep(part);
      else if (part instanceof PickleList) for (const inner of part.items) this.keepParts(inner);
    }
  }

  /** After an item was handed on. */
  letGo(item: PickleValue): void {
    if (!isContainer(item) || item.id !== -1) return;
    this.#drop(item);
    for (const part of item.items) {
      if (!(part instanceof PickleList) || part.id !== -1) continue;
      this.#drop(part);
      for (const inner of part.items) this.letGo(inner);
    }
  }

  #drop(container: PickleContainer): void {
    this.#memo.replace(container, null);
    this.#units -= CONTAINER_UNITS + container.items.length;
    container.id = GONE;
  }

  /** One object for all lists that are equal to this one; the list itself, if it is the first. */
  keepList(list: PickleList): PickleList {
    const kept = this.#keep(list);
    return kept.kind === "list" ? kept : list;
  }

  #keep(part: PickleContainer): PickleContainer {
    if (part.id !== -1) return part;
    const { items } = part;
    for (let index = 0; index < items.length; index++) {
      const inner = items[index];
      if (typeof inner === "object" && inner !== null && inner.id === -1) {
        items[index] = this.#keep(inner);
      }
    }
    const kept = this.#keeper.keep(part);
    if (kept === part) return part;
    this.#memo.replace(part, kept);
    this.#units -= CONTAINER_UNITS + items.length;
    return kept;
  }
}
