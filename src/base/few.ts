/** A set of a few things that come and go, in order. A `Set` makes and copies its tables anew as it does so. */
export class Few<T> {
  readonly #all: T[] = [];

  get size(): number {
    return this.#all.length;
  }

  /** As they are now: not to be looked through while some go. */
  get all(): readonly T[] {
    return this.#all;
  }

  /** What is not among them yet. */
  add(one: T): void {
    this.#all.push(one);
  }

  has(one: T): boolean {
    return this.#all.includes(one);
  }

  /** False when it is not among them. */
  delete(one: T): boolean {
    const all = this.#all;
    const place = all.indexOf(one);
    if (place === -1) return false;
    for (let at = place + 1; at < all.length; at++) all[at - 1] = all[at] ?? one;
    all.pop();
    return true;
  }
}
