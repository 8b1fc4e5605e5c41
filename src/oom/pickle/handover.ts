import type { Books } from "./books.ts";
import type { Memo } from "./memo.ts";
import { refuse } from "./refusal.ts";
import type { Stack } from "./stack.ts";
import { type PickleSink, type Stream, Streams } from "./streams.ts";
import { PickleList, type PickleValue } from "./values.ts";

/** Items that are handed on early, when as many more lie above them on the stack. */
const EARLY_ITEMS = 1024;

const NOTHING = -1;

/** Hands the items of a snapshot's long lists on to the sink, and lets go of them. */
export class Handover {
  readonly #sink: PickleSink;
  readonly #stack: Stack;
  readonly #memo: Memo;
  readonly #books: Books;
  readonly #streams = new Streams();
  readonly #counts = new Map<PickleList, number>();
  /** The mark above which items were handed on early. */
  #early = NOTHING;

  constructor(sink: PickleSink, stack: Stack, memo: Memo, books: Books) {
    this.#sink = sink;
    this.#stack = stack;
    this.#memo = memo;
    this.#books = books;
  }

  /** What the list at `at` is, its own mark being taken; null for one that is kept whole. */
  streamOf(at: number, list: PickleList): Stream | null {
    return this.#streams.of(this.#stack, at, list, this.#stack.marks.length);
  }

  verify(root: PickleValue): void {
    this.#streams.verify(root);
  }

  /** The list's items are all there: the mark above which they lay is taken. */
  endEarly(): void {
    this.#early = NOTHING;
  }

  /** Some writers put all items of a list under one mark: those that are whole are handed on before it is taken. */
  handOnEarly(): void {
    const stack = this.#stack;
    const mark = stack.marks.at(-1) ?? 0;
    if (stack.height - mark < 2 * EARLY_ITEMS || mark === 0) return;
    const list = stack.values[mark - 1];
    if (!(list instanceof PickleList) || !list.open) return;
    const stream = this.#streams.of(stack, mark - 1, list, stack.marks.length - 1);
    if (stream === null) return;
    const items = stack.takeFirst(mark, EARLY_ITEMS, list);
    this.#books.hold(items.length);
    this.handOn(list, stream, items);
    this.#early = mark;
  }

  handOn(list: PickleList, stream: Stream, items: readonly PickleValue[]): void {
    list.streamed = true;
    // Nobody may share it from now on.
    this.#memo.replace(list, null);
    let index = this.#counts.get(list) ?? 0;
    for (const item of items) {
      this.#books.keepParts(item);
      if (stream.name === "segments") this.#sink.segment(item, index);
      else this.#sink.traceEntry(item, stream.index, index);
      this.#books.letGo(item);
      index += 1;
    }
    this.#books.hold(-items.length);
    this.#counts.set(list, index);
  }

  /** A mark for anything but a list's items; what was handed on belongs to a list for good. */
  takeMark(): number {
    const mark = this.#stack.takeMark();
    if (mark === this.#early) refuse("unsupported-sharing", "items of a list become something else");
    return mark;
  }
}
