import { isUtf8 } from "node:buffer";
import { Books } from "./books.ts";
import { Keeper } from "./keeper.ts";
import { CONTAINER_UNITS, MAX_STRING_BYTES } from "./limits.ts";
import { Handover } from "./handover.ts";
import { Memo } from "./memo.ts";
import { float64, int32, longOf, uint32, uint64 } from "./numbers.ts";
import * as OP from "./opcodes.ts";
import { refuse } from "./refusal.ts";
import { Repeats } from "./repeats.ts";
import { Stack } from "./stack.ts";
import type { PickleSink } from "./streams.ts";
import { isContainer, PickleDict, PickleFloat, PickleList, PickleTuple, type PickleValue } from "./values.ts";
import { ByteWindow } from "./window.ts";

/**
 * Runs a pickle of plain data, bytes as they come: no globals, no calls. What the sink takes is let go at once, so that
 * memory does not grow with the file. What is accepted has the value that Python's `pickle` gives it; anything that
 * this machine does not know for sure is refused, objects that contain themselves included.
 */
export class PickleMachine {
  readonly #stack = new Stack();
  readonly #keeper = new Keeper();
  readonly #memo = new Memo(this.#keeper);
  readonly #books = new Books(this.#memo, this.#keeper);
  readonly #handover: Handover;
  readonly #repeats = new Repeats(this.#stack, this.#memo, this.#books);
  readonly #window = new ByteWindow();
  #started = false;
  #root: PickleValue | undefined;

  constructor(sink: PickleSink) {
    this.#handover = new Handover(sink, this.#stack, this.#memo, this.#books);
  }

  /** Takes the next bytes of the file; they may be overwritten after the call. Throws `PickleRefusal`. */
  push(chunk: Uint8Array): void {
    this.#window.take(chunk);
    this.#run();
    this.#window.keepRest();
  }

  /** The whole value, without the items that the sink took. Throws `PickleRefusal` when the file ends too early. */
  end(): PickleValue {
    const root = this.#root;
    const { before, bytes, frameEnd } = this.#window;
    if (root === undefined) {
      refuse("cut-short", `the file ends at byte ${before + bytes.length}, before its pickle does`);
    }
    if (bytes.length > 0) refuse("malformed", "something follows the end of the pickle");
    if (frameEnd > before) refuse("cut-short", "the file ends inside a frame");
    this.#handover.verify(root);
    return root;
  }

  /** Runs what is there. The most frequent opcodes are done here, without a call. */
  #run(): void {
    const stack = this.#stack;
    const window = this.#window;
    const { bytes } = window;
    let { at } = window;
    if (!this.#started && bytes.length > 0) OP.checkFirst(bytes[0] as number);
    this.#started ||= bytes.length > 0;
    stack.checkHeight();
    let { limit } = window;
    let running = this.#root === undefined;
    while (running) {
      if (at >= limit) {
        if (!window.setLimit(at)) break;
        ({ limit } = window);
      }
      const opcode = bytes[at] as number;
      const next = at + 1 + (OP.OPERAND_BYTES[opcode] as number);
      if (next > limit && !window.mayWait()) break;
      if (opcode === OP.LONG_BINGET) {
        stack.push(this.#memo.get(uint32(bytes, at + 1)));
      } else if (opcode === OP.BINGET) {
        stack.push(this.#memo.get(bytes[at + 1] as number));
      } else if (opcode === OP.BININT1) {
        stack.push(bytes[at + 1] as number);
      } else if (opcode === OP.BININT2) {
        stack.push((bytes[at + 1] as number) | ((bytes[at + 2] as number) << 8));
      } else if (opcode === OP.BININT) {
        stack.push(int32(bytes, at + 1));
      } else if (next === at) {
        const place = `0x${opcode.toString(16)} at byte ${window.before + at}`;
        refuse("unsupported-opcode", `opcode ${place} is none that plain data has`);
      } else {
        window.at = next;
        if (!this.#step(opcode, at + 1)) break;
        ({ at, limit } = window);
        running = opcode !== OP.STOP;
        continue;
      }
      at = next;
    }
    window.at = at;
  }

  /** One of the other opcodes, the most frequent first; false when bytes that it counts are still to come. */
  #step(opcode: number, at: number): boolean {
    const stack = this.#stack;
    switch (opcode) {
      case OP.LONG1:
        return this.#long(at);
      case OP.MEMOIZE:
        this.#memo.append(stack.top());
        return true;
      case OP.MARK:
        if (!this.#repeats.take(this.#window, at)) stack.mark();
        return true;
      case OP.EMPTY_DICT:
        this.#books.hold(CONTAINER_UNITS);
        stack.push(new PickleDict());
        return true;
      case OP.EMPTY_LIST:
        this.#books.hold(CONTAINER_UNITS);
        stack.push(new PickleList());
        return true;
      case OP.SETITEMS:
        this.#pairs(this.#handover.takeMark());
        this.#handover.handOnEarly();
        return true;
      case OP.APPENDS:
        this.#items(stack.takeMark());
        return true;
      case OP.BINPUT:
        this.#memo.put(this.#window.bytes[at] as number, stack.top());
        return true;
      case OP.LONG_BINPUT:
        this.#memo.put(uint32(this.#window.bytes, at), stack.top());
        return true;
      default:
        return this.#rare(opcode, at);
    }
  }

  #rare(opcode: number, at: number): boolean {
    const { bytes } = this.#window;
    const stack = this.#stack;
    switch (opcode) {
      case OP.SHORT_BINUNICODE:
        return this.#text(bytes[at] as number, at + 1);
      case OP.BINUNICODE:
        return this.#text(uint32(bytes, at), at + 4);
      case OP.BINUNICODE8:
        return this.#text(uint64(bytes, at), at + 8);
      case OP.APPEND:
        this.#items(stack.height - 1);
        return true;
      case OP.SETITEM:
        this.#pairs(stack.height - 2);
        return true;
      case OP.NONE:
        stack.push(null);
        return true;
      case OP.NEWTRUE:
      case OP.NEWFALSE:
        stack.push(opcode === OP.NEWTRUE);
        return true;
      case OP.BINFLOAT:
        this.#books.hold(2);
        stack.push(new PickleFloat(float64(bytes, at)));
        return true;
      case OP.EMPTY_TUPLE:
        this.#tuple(stack.height);
        return true;
      case OP.TUPLE1:
      case OP.TUPLE2:
      case OP.TUPLE3:
        this.#tuple(stack.height - (opcode - OP.TUPLE1 + 1));
        return true;
      case OP.TUPLE:
        this.#tuple(this.#handover.takeMark());
        return true;
      case OP.FRAME:
        this.#window.frame(at, uint64(bytes, at));
        return true;
      case OP.PROTO:
        OP.checkProtocol(bytes[at] as number);
        return true;
      default:
        this.#stop();
        return true;
    }
  }

  #long(at: number): boolean {
    const window = this.#window;
    const length = window.bytes[at] as number;
    if (!window.has(at + 1, length)) return false;
    this.#stack.push(longOf(window.bytes, at + 1, length));
    window.at = at + 1 + length;
    return true;
  }

  #text(length: number, at: number): boolean {
    const window = this.#window;
    if (length > MAX_STRING_BYTES)
      refuse("too-large", `a string of ${length} bytes is beyond ${MAX_STRING_BYTES}`);
    if (!window.has(at, length)) return false;
    const end = at + length;
    if (!isUtf8(window.bytes.subarray(at, end))) refuse("malformed", "a string is not UTF-8");
    const text = window.bytes.toString("utf8", at, end);
    this.#books.holdString(text);
    this.#stack.push(text);
    window.at = end;
    return true;
  }

  #tuple(from: number): void {
    const tuple = new PickleTuple([]);
    tuple.items = this.#stack.takeItems(from, tuple);
    this.#books.hold(CONTAINER_UNITS + tuple.items.length);
    this.#stack.push(tuple);
  }

  #pairs(from: number): void {
    const dict = this.#stack.dict(from);
    const before = dict.items.length;
    this.#stack.takePairs(from, dict);
    this.#books.hold(dict.items.length - before);
  }

  #items(from: number): void {
    const list = this.#stack.list(from);
    const stream = this.#handover.streamOf(from - 1, list);
    const items = this.#stack.takeItems(from, list);
    this.#books.hold(items.length);
    if (stream === null) {
      if (list.items.length === 0) list.items = items;
      else for (const item of items) list.items.push(item);
      return;
    }
    this.#handover.handOn(list, stream, items);
    this.#handover.endEarly();
  }

  #stop(): void {
    const root = this.#stack.top();
    if (this.#stack.height !== 1 || this.#stack.marks.length > 0)
      refuse("malformed", "the pickle ends too early");
    if (isContainer(root)) root.open = false;
    this.#root = root;
  }
}
