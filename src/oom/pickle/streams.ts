import { refuse } from "./refusal.ts";
import type { Stack } from "./stack.ts";
import { PickleDict, PickleList, type PickleValue } from "./values.ts";

/** Takes what a snapshot has most of, one by one; everything in an item is let go when the call returns. */
export interface PickleSink {
  segment(item: PickleValue, index: number): void;
  traceEntry(item: PickleValue, trace: number, index: number): void;
}

const SEGMENTS = "segments";
const TRACES = "device_traces";

/** The lists that are handed on item by item: `segments[i]`, or the root itself in the oldest form, and `device_traces[i][j]`. */
export type Stream = { readonly name: "segments" } | { readonly name: "traces"; readonly index: number };

const SEGMENT_STREAM: Stream = { name: "segments" };

/**
 * Tells from where a list lies on the stack what it will be a part of. Bytes may still do otherwise, so `verify` looks
 * at the end whether each list came to lie where it was taken for.
 */
export class Streams {
  readonly #traces = new Map<number, { readonly list: PickleList; readonly stream: Stream }>();
  #segments: PickleList | null = null;

  /** What the list at `at` on the stack is, by the first `marks` marks: its own is not among them. Null for any other. */
  of(stack: Stack, at: number, list: PickleList, marks: number): Stream | null {
    // A trace's own items lie under the marks of the root and of the list of traces: deeper lists are parts of items.
    if (marks > 2) return null;
    if (at === 0 && marks === 0) return this.#segmentsIn(list);
    const key = this.#rootKey(stack, at, marks);
    if (key === SEGMENTS) return this.#segmentsIn(list);
    if (key !== undefined) return null;
    return this.#traceAt(stack, at, list, marks);
  }

  /** Refuses a pickle in which a list that was handed on is not where it was taken for, or stands elsewhere too. */
  verify(root: PickleValue): void {
    let found = 0;
    const isStreamed = (value: PickleValue | undefined): boolean =>
      value instanceof PickleList && value.streamed;
    if (isStreamed(root)) found += root === this.#segments ? 1 : 0;
    if (root instanceof PickleDict) {
      const segments = root.get(SEGMENTS);
      if (isStreamed(segments)) found += segments === this.#segments ? 1 : 0;
      const traces = root.get(TRACES);
      const lists = traces instanceof PickleList ? traces.items : [];
      for (const [index, list] of lists.entries()) {
        if (isStreamed(list)) found += this.#traces.get(index)?.list === list ? 1 : 0;
      }
    }
    const expected = this.#traces.size + (this.#segments === null ? 0 : 1);
    if (found !== expected)
      refuse("unsupported-sharing", "its lists are put together in a way that no snapshot is");
  }

  #segmentsIn(list: PickleList): Stream {
    if (this.#segments !== null && this.#segments !== list) refuse("malformed", "it has segments twice");
    this.#segments = list;
    return SEGMENT_STREAM;
  }

  /** `device_traces` holds a list a device: this one lies in its items, or is the only one. */
  #traceAt(stack: Stack, at: number, list: PickleList, marks: number): Stream | null {
    const last = stack.marks[marks - 1];
    // With a mark the outer list lies right below it; without one, right below this list.
    const marked = last !== undefined && last > 2 && this.#rootKey(stack, last - 1, marks - 1) === TRACES;
    const outerAt = marked ? last - 1 : at - 1;
    if (!marked && this.#rootKey(stack, outerAt, marks) !== TRACES) return null;
    const outer = stack.values[outerAt];
    if (!(outer instanceof PickleList)) return null;
    const index = outer.items.length + (at - outerAt - 1);
    const known = this.#traces.get(index);
    if (known !== undefined)
      return known.list === list ? known.stream : refuse("malformed", "it has a trace twice");
    for (let between = outerAt + 1; between < at; between++) {
      if (!(stack.values[between] instanceof PickleList)) return null;
    }
    const stream: Stream = { name: "traces", index };
    this.#traces.set(index, { list, stream });
    return stream;
  }

  /** The key of the root dict whose value lies at `at`, when no mark but the root's own is among the first `own`. */
  #rootKey(stack: Stack, at: number, own: number): string | undefined {
    const { values, marks } = stack;
    if (at < 2 || !(values[0] instanceof PickleDict) || own > 1 || (own === 1 && marks[0] !== 1))
      return undefined;
    // The root lies at 0, and above it keys and values in turn.
    const key = at % 2 === 0 ? values[at - 1] : undefined;
    return typeof key === "string" ? key : undefined;
  }
}
