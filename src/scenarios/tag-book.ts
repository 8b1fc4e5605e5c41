import { formatRef, type Ref } from "../store/ref.ts";
import type { Expectations, Expected } from "./judge-store.ts";
import type { ServedModel } from "./model.ts";

/** What is known of a tag: which models it may be, and whether it may be missing. */
interface Known {
  readonly ref: Ref;
  readonly models: readonly ServedModel[];
  readonly absent: boolean;
}

/**
 * Keeps book of what commands have said, and so of what must be in the store. A command that was stopped, or that
 * raced with another one on the same tag, leaves it open.
 */
export class TagBook {
  readonly #known = new Map<string, Known>();
  /** All that there are. */
  readonly models: readonly ServedModel[];

  constructor(models: readonly ServedModel[], refs: readonly Ref[]) {
    this.models = models;
    for (const ref of refs) this.isGone(ref);
  }

  isThere(ref: Ref, model: ServedModel): void {
    this.#known.set(formatRef(ref), { ref, models: [model], absent: false });
  }

  isGone(ref: Ref): void {
    this.#known.set(formatRef(ref), { ref, models: [], absent: true });
  }

  /** A removal may or may not have happened. */
  mayBeGone(ref: Ref): void {
    const known = this.#known.get(formatRef(ref));
    if (known !== undefined) this.#known.set(formatRef(ref), { ...known, absent: true });
  }

  /** It may have become this; where it was there before, it is what it was. */
  mayBecome(ref: Ref, models: readonly ServedModel[]): void {
    const known = this.#known.get(formatRef(ref));
    if (known?.absent === true) this.isOpen(ref, [...known.models, ...models], true);
  }

  /** Several commands were at it. */
  isOpen(ref: Ref, models: readonly ServedModel[] = this.models, absent = true): void {
    this.#known.set(formatRef(ref), { ref, models, absent });
  }

  modelsOf(ref: Ref): readonly ServedModel[] {
    return this.#known.get(formatRef(ref))?.models ?? [];
  }

  get expectations(): Expectations {
    const all = [...this.#known.values()];
    const expected = ({ models, ref }: Known): Expected[] =>
      models.map(({ digest, sizeBytes }) => ({ ref, digest, sizeBytes }));
    return {
      must: all.filter(({ absent, models }) => !absent && models.length === 1).flatMap(expected),
      may: all.filter(({ absent, models }) => absent || models.length !== 1).flatMap(expected),
      mustNot: all.filter(({ models }) => models.length === 0).map(({ ref }) => ref),
    };
  }
}
