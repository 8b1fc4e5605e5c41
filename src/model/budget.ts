import type { Int } from "../base/ints.ts";
import { MAX_DIMENSIONS_KEPT, MAX_NAMES_BYTES, MAX_TENSORS } from "./limits.ts";
import { refuse } from "./refusal.ts";

const BEYOND_ONE_BYTE = /[^\0-\u00ff]/;

/** Shapes that are kept once for all tensors that have them: real models have a few dozen. */
const MAX_SHARED = 1024;

/** What the tensors of one model may take in memory, over all its files. */
export class TensorBudget {
  private readonly shapes = new Map<string, readonly Int[]>();
  private readonly shared = new Set<readonly Int[]>();
  private tensors = 0;
  private nameBytes = 0;
  private dimensions = 0;

  /** The same shape as an array that others have too, where there is one. May be asked again. */
  share(shape: readonly Int[]): readonly Int[] {
    const key = shape.join();
    const known = this.shapes.get(key);
    if (known !== undefined || this.shapes.size === MAX_SHARED) return known ?? shape;
    this.shapes.set(key, shape);
    this.shared.add(shape);
    return shape;
  }

  /** Counts a tensor; refuses the one that is too many. */
  add(name: string, shape: readonly Int[]): void {
    this.tensors += 1;
    this.nameBytes += BEYOND_ONE_BYTE.test(name) ? 2 * name.length : name.length;
    if (!this.shared.has(shape)) this.dimensions += shape.length;
    if (this.tensors > MAX_TENSORS) throw refuse("too-many", `there are more than ${MAX_TENSORS} tensors`);
    if (this.nameBytes > MAX_NAMES_BYTES) {
      throw refuse("too-many", `the tensors' names have more than ${MAX_NAMES_BYTES} bytes together`);
    }
    if (this.dimensions > MAX_DIMENSIONS_KEPT) {
      throw refuse("too-many", `the tensors have more than ${MAX_DIMENSIONS_KEPT} dimensions together`);
    }
  }
}
