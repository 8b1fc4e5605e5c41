/** A value of a pickle. Integers that a double cannot hold are bigints; a float is never a plain number. */
export type PickleValue = null | boolean | number | bigint | string | PickleNode;

export type PickleNode = PickleList | PickleDict | PickleTuple | PickleFloat;

/** What holds other values. */
export type PickleContainer = PickleList | PickleDict | PickleTuple;

/** Where a container stands in the machine's books. */
abstract class Booked {
  /** True until it is shared or put into another one; from then on it never changes. */
  open = true;
  /** Levels of containers in it, itself included. */
  depth = 1;
  /** Its number in the memo; -1 when it has none. */
  memoAt = -1;
  /** Equal containers that are kept have one id from 0 on, and are one object; -1 when it is not kept. */
  id = -1;
}

export class PickleList extends Booked {
  readonly kind = "list";
  items: PickleValue[] = [];
  /** True when its items were handed on and let go. */
  streamed = false;
}

export class PickleTuple extends Booked {
  readonly kind = "tuple";
  items: PickleValue[];

  constructor(items: PickleValue[]) {
    super();
    this.items = items;
  }
}

/** Keys are strings, in the order in which they came; dicts of one form share their list of keys. */
export class PickleDict extends Booked {
  readonly kind = "dict";
  keys: readonly string[] = [];
  items: PickleValue[] = [];

  get(key: string): PickleValue | undefined {
    const at = this.keys.indexOf(key);
    return at === -1 ? undefined : this.items[at];
  }
}

export class PickleFloat {
  readonly kind = "float";
  open = false;
  /** Not kept, and nothing to keep. */
  readonly id = -3;
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

function isNode(value: PickleValue | undefined): value is PickleNode {
  return typeof value === "object" && value !== null;
}

export function isContainer(value: PickleValue | undefined): value is PickleContainer {
  return isNode(value) && value.kind !== "float";
}
