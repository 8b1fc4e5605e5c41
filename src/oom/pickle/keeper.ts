import { type PickleContainer, PickleDict, type PickleValue } from "./values.ts";

/** Slots looked at before a container is kept a second time: a flood of equal hashes costs no more. */
const MAX_PROBES = 64;

/** Slots to begin with: a power of two. */
const FIRST_SLOTS = 256;

/**
 * Keeps one object for all equal containers, with an id of its own. The stacks of a snapshot are a list for each
 * event, and most of them are equal: this is what keeps millions of events in bounded memory.
 */
export class Keeper {
  readonly #kept: PickleContainer[] = [];
  readonly #strings = new Map<string, number>();
  /** Index into `#kept` plus one; 0 is free. Its length is a power of two. */
  #table = new Int32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS);

  /** What was kept by its id. */
  at(id: number): PickleContainer {
    return this.#kept[id] as PickleContainer;
  }

  /** The string itself, or the equal one that came first; true when it is new. */
  string(text: string): boolean {
    if (this.#strings.has(text)) return false;
    this.#strings.set(text, this.#strings.size);
    return true;
  }

  /** The one object for a container whose own containers were kept before. */
  keep(container: PickleContainer): PickleContainer {
    if (container.id !== -1) return container;
    const hash = this.#hash(container);
    const mask = this.#table.length - 1;
    let at = hash & mask;
    for (let probes = 0; probes < MAX_PROBES; probes++, at = (at + 1) & mask) {
      const index = (this.#table[at] as number) - 1;
      if (index === -1) break;
      const other = this.#kept[index] as PickleContainer;
      if (this.#hashes[index] === hash && same(other, container)) return other;
    }
    return this.#add(container, hash, at);
  }

  #add(container: PickleContainer, hash: number, at: number): PickleContainer {
    const index = this.#kept.length;
    container.id = index;
    this.#kept.push(container);
    if (index >= this.#hashes.length) this.#hashes = doubled(this.#hashes);
    this.#hashes[index] = hash;
    if (this.#table[at] === 0) this.#table[at] = index + 1;
    if (this.#kept.length * 2 > this.#table.length) this.#grow();
    return container;
  }

  #grow(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let index = 0; index < this.#kept.length; index++) {
      let at = (this.#hashes[index] as number) & mask;
      for (let probes = 0; probes < MAX_PROBES && table[at] !== 0; probes++) at = (at + 1) & mask;
      if (table[at] === 0) table[at] = index + 1;
    }
    this.#table = table;
  }

  #hash(container: PickleContainer): number {
    let hash = container.kind.length;
    for (const item of container.items) hash = mix(hash, this.#hashOf(item));
    if (container instanceof PickleDict)
      for (const key of container.keys) hash = mix(hash, this.#hashOf(key));
    return hash ^ (hash >>> 15);
  }

  #hashOf(value: PickleValue): number {
    if (typeof value === "object" && value !== null) return value.id + 7;
    switch (typeof value) {
      case "number":
        return (value % 0x80000000) | 0;
      case "string":
        return this.#strings.get(value) ?? value.length;
      case "bigint":
        return Number(BigInt.asIntN(32, value));
      case "boolean":
        return value ? 3 : 5;
      default:
        return 11;
    }
  }
}

function mix(hash: number, next: number): number {
  const mixed = Math.imul(hash ^ next, 0x9e3779b1);
  return mixed ^ (mixed >>> 13);
}

function same(left: PickleContainer, right: PickleContainer): boolean {
  if (left.kind !== right.kind || left.items.length !== right.items.length) return false;
  if (left.kind === "dict" && right.kind === "dict" && !sameItems(left.keys, right.keys)) return false;
  return sameItems(left.items, right.items);
}

/** Containers are equal when they are one object, and so two that hold the same float are not: never the other way. */
function sameItems(left: readonly PickleValue[], right: readonly PickleValue[]): boolean {
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(array.length * 2);
  longer.set(array);
  return longer;
}
